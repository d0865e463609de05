/**
 * Whether output shows colours: what `FORCE_COLOR` says, else not under `NO_COLOR`, else as the terminal can.
 *
 * @param terminal - whether the output goes to a terminal that shows colours
 * @see https://no-color.org and https://force-color.org
 */
export function wantsColour(environment: Readonly<Record<string, string | undefined>>, terminal: boolean): boolean {
  const { FORCE_COLOR: force = "", NO_COLOR: no = "" } = environment;
  if (force !== "") return force !== "0" && force !== "false";
  return no === "" && terminal;
}
