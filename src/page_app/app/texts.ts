// Every text of the page. What an operator reads says what to do, in so few words that a
// tile has them in three lines.
import type { Bay, BayStatus, Verdict } from "./api.ts";

export const texts = {
  product: "Imprint",
  bench: "Bench",
  lots: "Lots",
  boards: "Boards",
  settings: "Settings",
  help: "Help",
  sound: "Sound",
  soundOn: "sound on",
  soundOff: "sound off",
  theme: "Light or dark",
  toDark: "dark",
  toLight: "light",
  logOut: "Log out",
  skip: "To the bays",
  close: "Close",
  cancel: "Cancel",
  sure: (name: string): string => `${name}: yes, really`,
  loading: "One moment…",
  retry: "Try again",
  more: "More",
  none: "–",
  now: "now",
  bay: "Bay",
  of: "of",

  scan: "Scan",
  scanHint: "lot, board, bay or command",
  message: "Last message",
  keys: "Keys and pages",

  noLot: "No lot chosen",
  noLotNeeded: "Scan a lot's code, or press F2. No board is begun before.",
  noLotFree: "Boards are prepared without a lot. F2 shows the lots.",
  lot: "Lot",
  operator: "operator",
  station: "station",
  passed: "passed",
  failed: "failed",
  firstPassYield: "first-pass yield",
  pace: "last 30 min",
  sinceStart: "since the station was started",
  registry: "AWS IoT",
  ledger: "record",
  printer: "printer",
  lightStates: { ok: "in order", wait: "waiting", trouble: "trouble", none: "none" },

  away: "No connection to the station",
  awaySince: "What you see is from",
  awayWait: "The page comes back by itself. Is the station's computer on, and imprint station running?",
  connecting: "Connecting to the station…",
  noBays: "No bay yet",
  noBaysHint: "Plug a board in: its socket appears here. Settings give sockets their names.",

  bays: "Bays",
  lights: "What the station stands on",
  complete: "complete",
  toGo: (time: string): string => `about ${time} to go`,
  ofTarget: (target: string): string => `of ${target} passed`,
  offHint: "Press Enter here to switch it on.",
  certificate: "Certificate",
  inARowName: "Failed in a row",

  plugIn: "plug in a board",
  pressStart: "put in a board",
  nextStarts: "for the next board",
  last: "last:",
  takeItOut: "take it out",
  passedBefore: "passed before",
  waitNothing: "It goes on by itself. Nothing to do.",
  switchedOff: "switched off",
  stoppedByHand: "Somebody stopped the work. Take it out.",
  notIdentified: "not identified",
  inARow: (n: number): string => `${ordinal(n)} in this bay`,
  scannedSerial: "next:",

  start: "Start",
  again: "Prepare again",
  stop: "Stop",
  off: "Switch off",
  on: "Switch on",
  boardPage: "The board's page",
  stopSure: "The board has then to be prepared anew.",
  board: "Board",
  code: "Code",
  reason: "Reason",
  mend: "What helps",
  step: "Step",
  port: "Port",
  socket: "Socket",
  serial: "Serial number",
  thing: "Thing",
  since: "Since",
  took: "Took",
  consoleTitle: "What the board says",
  consoleNothing: "It has printed nothing yet.",

  notFound: "There is no such page",
  notFoundHint: "Escape leads to the bench.",
};

// What a scan was taken for.
export const scanWords = {
  lot: (name: string): string => `Lot ${name} is chosen.`,
  bay: (bay: string): string => `Bay ${bay}: start.`,
  serial: (serial: string, bay?: string): string =>
    `Serial number ${serial}: for the ${bay ? `next board in bay ${bay}` : "next board"}.`,
  board: (mac: string): string => `Board ${mac}.`,
  command: (command: string): string => `Done: ${command}.`,
};

export function ordinal(n: number): string {
  const tens = n % 100;
  if (tens >= 11 && tens <= 13) return `${n}th`;
  return `${n}${["th", "st", "nd", "rd"][n % 10] ?? "th"}`;
}

export const verdictWords: Record<BayStatus, string> = {
  empty: texts.plugIn,
  at_work: "at work",
  waiting: "WAIT",
  passed: "PASS",
  failed: "FAIL",
  stopped: "STOPPED",
  off: texts.switchedOff,
};

export const boardVerdicts: Record<Verdict, string> = {
  none: "–",
  running: "at work",
  aborted: "STOPPED",
  error: "ERROR",
  failed: "FAIL",
  passed: "PASS",
};

export const standings: Record<string, string> = {
  passed: "PASS",
  failed: "FAIL",
  stopped: "STOPPED",
  running: "at work",
  killed: "CUT OFF",
  retired: "RETIRED",
};

export const stepWords: Record<string, string> = {
  identify: "asking the chip",
  firmware: "writing firmware",
  identity: "making its identity",
  credentials: "writing credentials",
  activate: "activating its certificate",
  queue: "noting its registration",
  proof: "proving its identity",
  verify: "waiting for it to start",
  retire: "retiring its former identity",
  read: "comparing its flash",
  erase: "erasing its flash",
};

// Names of the same in the board's time line.
export const stepNames: Record<string, string> = {
  identify: "identify",
  firmware: "firmware",
  identity: "identity",
  credentials: "credentials",
  activate: "activate",
  queue: "queue",
  proof: "proof",
  verify: "start, connect",
  retire: "retire former",
  read: "compare",
  erase: "erase",
};

const engineer = "Put it aside and call the engineer.";
const goesOn = "It goes on by itself. Nothing to do.";
const press = "Press it in firmly, then plug it in again.";

// By the error's code; what is not here is told by the station's own hint. At most 75 letters: three lines of a
// tile.
export const mends: Record<string, string> = {
  board_silent: `No answer from the board. ${press}`,
  no_board: `No answer from the chip. ${press}`,
  board_lost: `The board stopped answering. ${press}`,
  board_swapped: "Boards were changed. Plug both in again; wait for PASS or FAIL.",
  board_twice: "This board is in another bay too. Look at the cables.",
  board_in_loader: "Let go of BOOT, press RESET, or plug it in again.",
  board_at_another_station: "Another station has prepared it. Take it there, or call the engineer.",
  chip_secured: `The chip is locked. ${engineer}`,
  chip_unknown: `Not a chip that is known. ${engineer}`,
  mac_damaged: "The chip's address is damaged. Put it aside as faulty.",
  console_silent: "The board does not start. Plug it in again; then put it aside as faulty.",
  console_unexpected: "The board did not connect. Try it once more; then put it aside as faulty.",
  flash_missing: "No flash on this board. Put it aside as faulty.",
  flash_protected: "The flash is locked. Put it aside as faulty.",
  flash_size_unknown: "The flash does not tell its size. Put it aside as faulty.",
  flash_too_small: "Too little flash: a wrong type of board. Put it aside.",
  flash_write_failed: "The flash cannot be written. Put it aside as faulty.",
  verify_failed: "The flash loses its data. Try it once more; then put it aside as faulty.",
  line_damaged: "The cable is bad. Change it, then plug the board in again.",
  loader_refused: "The chip refuses. Try it once more; then put it aside as faulty.",
  stub_failed: "Its loader does not start. Try it once more; then put it aside as faulty.",
  golden_due: "First the golden sample of this lot, please.",
  other_lot: "This board is of another lot. Put it aside.",
  lot_full: "The lot is complete. Take it out; choose another lot with F2.",
  lot_limits: "Not a board for this lot. Put it aside.",
  lot_closed: "The lot is closed. Choose another with F2.",
  lot_paused: "The lot is paused. Choose another with F2.",
  lot_unknown: "No such lot. Scan the order's code again.",
  lot_firmware: "Not this lot's firmware. Call the engineer.",
  lot_needed: "No lot chosen. Scan the order's code.",
  firmware_changed: "The firmware has changed. Call the engineer.",
  wrong_chip: "A wrong type of board. Put it aside.",
  wrong_revision: "A wrong revision of the chip. Put it aside.",
  minted_none: "No identity is left for it. Call the engineer.",
  minted_in_use: `Its identity is another board's. ${engineer}`,
  minted_retired: `Its identity is retired. ${engineer}`,
  serial_bad: "No serial number. Scan the label again.",
  serial_taken: "Another board has this number. Scan the label that belongs to this board.",
  serial_needed: "Scan the board's label.",
  port_busy: "Another program uses this socket. Call the engineer.",
  port_denied: "This socket may not be used. Call the engineer.",
  port_gone: "The plug came out. Plug it in again.",
  port_io: `The plug has a bad contact. ${press}`,
  port_missing: "The plug came out. Plug it in again.",
  port_stuck: "The adapter is stuck. Plug it in again.",
  port_unreachable: "The bay's adapter does not answer. Call the engineer.",
  bay_off: "Too many failures in a row. Check its cable, then switch it on.",
  registry_unreachable: `AWS IoT is not reachable. ${goesOn}`,
  http_unreachable: `AWS IoT is not reachable. ${goesOn}`,
  registry_reply_lost: `AWS IoT answers slowly. ${goesOn}`,
  http_reply_lost: `AWS IoT answers slowly. ${goesOn}`,
  proof_unreachable: `The broker is not reachable. ${goesOn}`,
  proof_connect_refused: "The broker refuses this board. Call the engineer.",
  credentials_expired: "The station's login to AWS has ended. Call the engineer.",
  sso_login_needed: "The station's login to AWS has ended. Call the engineer.",
  no_credentials: "The station is not logged in to AWS. Call the engineer.",
  database_busy: `The record is busy. ${goesOn}`,
  database_full: "The disk is full. Call the engineer.",
  ledger_unwritable: "The record cannot be written. Call the engineer.",
  ledger_damaged: "The record is damaged. Call the engineer.",
  spare_full: "The record cannot be written. Call the engineer.",
  interrupted: texts.stoppedByHand,
  bug: "A fault of the program. Try it once more; then call the engineer.",

  // What the station answers to a scan, a key or a form.
  scan_unknown: "That code is not known.",
  scan_layout: "The scanner types with another keyboard layout: see Help, F1.",
  scan_serial: "Another board has this serial number.",
  bay_unknown: "There is no such bay.",
  board_unknown: "There is no such board in the record.",
  not_allowed: "Only an engineer may do that.",
  login_failed: "Name or password is wrong.",
  login_wait: "Too many tries.",
  login_needed: "Please log in.",
  station_away: "No connection to the station.",
  label_not_passed: "Labels are for boards that have passed.",
};

export function mendOf(bay: Bay): string {
  return mends[bay.code ?? ""] ?? (bay.mend || bay.reason || "");
}
