import { programBack } from "./program-back";
import { programComparison } from "./program-comparison";
import { programForward } from "./program-forward";
import { programJournal } from "./program-journal";

/** What is left to do after the commit, and after a run that was cut off; and the run itself, with the lock held. */
const programRun = `
sweep_file() {
  [ "$1" = file ] || return 0
  beside "$2"
  rm -f "$new" "$old"
}

sweep_module() {
  case $1 in
    module) [ ! -d "./sys/module/$2" ] || modprobe -r "$2" </dev/null 2>/dev/null || true ;;
    folder) undo_folders="$2 $undo_folders" ;;
  esac
}

# sweep: what is left to do once the state says that all is done. Each part may be cut off and done again.
sweep() {
  undo_folders=
  if [ -f "$journal" ]; then
    each_line "$journal" sweep_file
    #step swept
    rm -f "$journal" "$journal.new" && sync "$home"
    #step closed
  fi
  [ "$(field_of "$state" profile)" = - ] || return 0
  each_line "$state" sweep_module
  for folder in $undo_folders; do rmdir "$folder" 2>/dev/null || true; done
  #step folders-removed
  rm -f "$state" "$state.new"
  #step forgotten
  leave
}

# recover: an earlier run was cut off. What it committed is finished, what it did not is undone.
recover() {
  recovered=
  if [ -f "$state" ] && ! whole "$state"; then trouble unexpected "/var/lib/meshground/state is damaged. Restore it from a backup, or remove it to take the host as it is."; return 1; fi
  if [ -f "$journal" ]; then
    recovered=1
    if ! whole "$journal"; then trouble unexpected "/var/lib/meshground/journal is damaged. Compare the host with another of its pool, then remove it."; return 1; fi
    if [ "$(field_of "$journal" transaction)" = "$(field_of "$state" transaction)" ]; then sweep; else undo || return 1; fi
  elif [ "$(field_of "$state" profile)" = - ]; then
    recovered=1
    sweep
  else
    leave
  fi
}

same_state() {
  if [ "$wanted_profile" = - ]; then [ ! -f "$state" ]; return; fi
  [ ! -f "$state" ] || [ "$(field_of "$state" profile)" = "$wanted_profile" ]
}

begin() {
  mkdir -p "$home" && chmod 700 "$home" && keep "$journal.new" "$text" && mv -f "$journal.new" "$journal" && sync "$home" "\${home%/*}"
}

# transact: RESULT in $result; what it means stands in the report.
transact() {
  result=failed
  at=recovery
  #step locked
  recover || { result=not-undone; return 0; }
  #step recovered
  compare
  if [ -z "$mismatches" ] && same_state; then result=unchanged; return 0; fi
  mismatches=
  sysctl_files
  judge
  if [ -n "$judged_before" ] && [ "$judged" != "$judged_before" ]; then result=moved; return 0; fi
  journal_text
  [ -z "$troubles" ] || { result=refused; return 0; }
  at=journal
  #step compared
  begin || { rm -f "$journal.new" "$journal"; leave; return 0; }
  #step journaled
  if forward; then
    #step committed
    sweep
    result=changed
    return 0
  fi
  wanted_mismatches=$mismatches
  #step failed
  undo || { result=not-undone; return 0; }
  mismatches=$wanted_mismatches
}

locked() {
  waited=0
  until flock -n 9; do
    [ "$waited" -lt "$patience" ] || { say result busy; return 0; }
    waited=$((waited + 1))
    sleep 1
  done
  say locked
  # From here on the run ends by itself, whether or not anybody listens: a cut connection leaves nothing half done.
  trap '' HUP PIPE INT TERM
  transact
  printf '%s\\n' "$troubles$mismatches"
  [ -z "\${recovered:-}" ] || say recovered
  say result "$result" "$at"
  facts
}

main() {
  if ! true >>"$lock"; then
    say trouble read-only "/run/meshground.lock cannot be written."
    say result refused lock
    return 0
  fi
  locked 9>>"$lock"
}
`;

/**
 * Changes a host, all or nothing. `apply` and `restore` are the same program: to restore is to want nothing, so that everything that was ever
 * touched goes back to what it was.
 *
 * Lines of the journal and of the state, fields separated by tabs:
 * - `transaction ID`, `pool NAME`, `profile ID` (`-`: restored, only the sweeping is left)
 * - `folder PATH`: was not there
 * - `file PATH KIND MODE UID GID CHECK DATA`: KIND is absent, regular (CHECK its SHA-256, DATA base64) or link (CHECK its target)
 * - `value KEY =VALUE` or `value KEY absent`; `hashsize NUMBER`; `module NAME`: was not loaded
 * - `end`
 *
 * The journal says how everything was when this run began, the state how it was before the first. Whether a run was committed is told by one
 * thing: that the state carries its transaction.
 */
export const programTransaction: string = `${programComparison}${programJournal}${programForward}${programBack}${programRun}`;
