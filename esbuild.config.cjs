// How each function is bundled: one ES module, AWS's clients inside, so that a deployment is the tested code.
module.exports = () => ({
  bundle: true,
  minify: true,
  keepNames: true,
  sourcemap: false,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  outputFileExtension: '.mjs',
  mainFields: ['module', 'main'],
  external: [],
  exclude: [],
  concurrency: 2,
  // CommonJS inside an ES module still asks for require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});
