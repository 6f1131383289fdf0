// Stands in for the part of node:fs by which suites read their fixtures: the test server answers, and the caller waits.

export function existsSync(path: string | URL): boolean {
  return request('HEAD', path).status === 200;
}

/** Text alone; every fixture of the suites that run in a browser is JSON. */
export function readFileSync(path: string | URL, encoding: 'utf8'): string {
  if (encoding !== 'utf8') throw new Error(`readFileSync of ${path}: in a browser suites read text, 'utf8'`);
  const { status, responseText } = request('GET', path);
  if (status !== 200) throw new Error(`readFileSync of ${path}: the test server answers ${status}`);
  return responseText;
}

function request(method: string, path: string | URL): XMLHttpRequest {
  const answer = new XMLHttpRequest();
  answer.open(method, path, false);
  answer.send();
  return answer;
}
