// A report as a file.
import { replaceFile } from '../../engine/node/replaceFile.ts';
import { type HtmlReport, htmlReport } from '../report/htmlReport.ts';

/** Writes the page of `htmlReport`; a reader of `path` never sees half of it. */
export function writeHtmlReport(path: string, report: HtmlReport): void {
  replaceFile(path, htmlReport(report));
}
