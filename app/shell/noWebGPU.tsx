// Says how to get WebGPU where a browser has none.

export function NoWebGPU() {
  return (
    <section class="notice" role="alert">
      <h1>This browser has no WebGPU</h1>
      {isSecureContext ? (
        <p>The laboratory computes on the GPU, through WebGPU. It is in these browsers:</p>
      ) : (
        <p>
          Browsers give WebGPU only to pages that came by <code>https:</code> or from this machine (
          <code>http://localhost</code>). This one came from <code>{location.origin}</code>. Otherwise it is in:
        </p>
      )}
      <ul>
        <li>Chrome and Edge 113 or newer on Windows, macOS and ChromeOS; 121 on Android.</li>
        <li>
          Chrome on Linux: start it with <code>--enable-unsafe-webgpu --enable-features=Vulkan</code> where it is not on
          by itself.
        </li>
        <li>Firefox 141 or newer on Windows, 145 on macOS; Firefox Nightly elsewhere.</li>
        <li>Safari 26 on macOS, iOS and iPadOS.</li>
      </ul>
      <p>
        Without a GPU that the browser trusts, Chrome computes in software with{' '}
        <code>--enable-unsafe-webgpu --use-webgpu-adapter=swiftshader</code>: slow, but it works.
      </p>
    </section>
  );
}
