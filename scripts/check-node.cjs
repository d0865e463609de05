// npm scripts run on the Node that the dev dependency "node" brings. An install without scripts leaves none behind, and the
// system's would be used in silence.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 12)) {
  process.stderr.write(
    `meshground needs Node 22.12 or newer, this is ${process.versions.node}.\n` +
      `Run "npm ci" (without --ignore-scripts): it installs the Node that package.json pins, and npm scripts run on it.\n`,
  );
  process.exit(1);
}
