// What the site has, in the order in which it is read. A page of docs/ that stands nowhere here ends the build.

export const guides = [
  ["first-board", "Prepare your first board"],
  ["line", "Set up a line"],
  ["own-ca", "Your own CA"],
  ["rotate", "Rotate credentials in the field"],
  ["prepare-sh", "Move from prepare.sh"],
  ["when-a-board-fails", "When a board fails"],
  ["keys-and-threats", "Keys and threats"],
];

// A page of the site is either docs/NAME.md or one of the files elsewhere that are named here.
export const elsewhere = {
  "README.md": "readme",
  "ARCHITECTURE.md": "architecture",
  "CONTRIBUTING.md": "contributing",
  "CHANGELOG.md": "changelog",
  "RELEASING.md": "releasing",
  "SECURITY.md": "reporting",
  "THIRD-PARTY.md": "third-party",
  "firmware/README.md": "device/start",
  "firmware/CHANGELOG.md": "device/changelog",
  "firmware/components/imprint_identity/README.md": "device/component",
  "firmware/examples/aws_iot/README.md": "device/example",
};

export const groups = [
  ["Look it up", [
    ["commands", "Commands"],
    ["configuration", "Configuration"],
    ["errors", "Errors"],
    ["exit-codes", "Exit codes"],
    ["events", "Events"],
    ["api", "API of the station's page"],
  ]],
  ["At the bench", [
    ["station", "A bench"],
    ["production", "Lots and reports"],
    ["labels", "Labels"],
    ["screen", "What a run shows"],
    ["when-it-fails", "Doctor and report"],
    ["shell", "Completion and manual pages"],
    ["ledger", "The ledger"],
    ["flashing", "Flashing"],
    ["images", "Images"],
  ]],
  ["In the cloud", [
    ["registry", "The registry"],
    ["policies", "Policies"],
    ["security", "Security"],
  ]],
  ["On the device", [
    ["device/start", "From an empty project"],
    ["firmware", "The firmware"],
    ["device/component", "The component"],
    ["device/example", "The example"],
    ["device/changelog", "Changes of the component"],
  ]],
  ["Without boards or an account", [
    ["local-registry", "The local registry"],
    ["simulator", "The simulated board"],
  ]],
  ["The project", [
    ["readme", "Overview"],
    ["install", "Install, upgrade, remove"],
    ["migrating", "From the original, setting by setting"],
    ["changelog", "Changes"],
    ["releases", "Releases: what is in them, and whether they are ours"],
    ["reporting", "Reporting a vulnerability"],
    ["third-party", "What others have written"],
    ["architecture", "Architecture"],
    ["contributing", "Contributing"],
    ["releasing", "Making a release"],
  ]],
];
