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
export const programTransaction: string = `
troubles=
mismatches=

# trouble REASON TEXT: something on the host is in the way.
trouble() { troubles=$troubles\${newline}trouble$tab$1$tab$2; }

# differs KIND NAME WANTED GOT
differs() { mismatches=$mismatches\${newline}mismatch$tab$1$tab$2$tab$3$tab$4; }

number() {
  case $1 in '' | *[!0-9]*) return 1 ;; esac
  [ "\${#1}" -le 20 ]
}

# lower A B: whether A is below B. Digits are compared as text where they
# are too many for the shell's own arithmetic: fs.file-max can be 2^63-1.
lower() {
  [ "\${#1}" -eq "\${#2}" ] || { [ "\${#1}" -lt "\${#2}" ]; return; }
  [ "\${#1}" -gt 18 ] || { [ "$1" -lt "$2" ]; return; }
  [ "$1" != "$2" ] && [ "$(printf '%s\\n%s\\n' "$1" "$2" | sort | head -n 1)" = "$1" ]
}

# read_value FILE: the kernel's value in $value, its words with one space between them.
read_value() {
  # shellcheck disable=SC2046 # split on purpose
  set -- $(cat "$1" 2>/dev/null)
  value="$*"
}

# write_value FILE VALUE: what comes of it is seen by reading back.
write_value() { [ ! -e "$1" ] || { printf '%s\\n' "$2" >"$1"; } 2>/dev/null || true; }

# each_line FILE FUNCTION: calls it with the fields of each line. Descriptor 3, so that nothing in it reads the file as its input.
each_line() {
  while IFS=$tab read -r f1 f2 f3 f4 f5 f6 f7 f8 <&3; do
    "$2" "$f1" "$f2" "$f3" "$f4" "$f5" "$f6" "$f7" "$f8"
  done 3<"$1"
}

# field_of FILE WORD: the second field of the line that begins so.
field_of() {
  [ ! -f "$1" ] || grep "^$2$tab" "$1" | cut -f 2
}

whole() { [ "$(tail -n 1 "$1")" = end ]; }

wants_file() { case $newline$wanted_files$newline in *"$newline$1$newline"*) ;; *) return 1 ;; esac; }
wants_key() { case $newline$wanted_keys$newline in *"$newline$1$newline"*) ;; *) return 1 ;; esac; }

# sum_of FILE: its SHA-256 in $sum.
sum_of() {
  sum=$(sha256sum <"$1")
  sum=\${sum%% *}
}
decode() { [ "$1" = - ] || printf '%s' "$1" | base64 -d; }
encode() { base64 "$1" | tr -d '\\n'; }

# beside PATH: names for what will replace a file, and for what it was, in the same folder. No program takes them for its own.
beside() {
  new=\${1%/*}/.\${1##*/}.meshground-new
  old=\${1%/*}/.\${1##*/}.meshground-old
}

# file_is PATH KIND MODE UID GID CHECK
file_is() {
  case $2 in
    absent) [ ! -e "$1" ] && [ ! -L "$1" ] ;;
    link) [ -L "$1" ] && [ "$(readlink "$1")" = "$6" ] ;;
    *) [ -f "$1" ] && [ ! -L "$1" ] && [ "$(stat -c '%a %u %g' "$1")" = "$3 $4 $5" ] && sum_of "$1" && [ "$sum" = "$6" ] ;;
  esac
}

# shape_of PATH: what a file is, for messages.
shape_of() {
  if [ -L "$1" ]; then printf 'a link to %s' "$(readlink "$1" | tr -d '[:cntrl:]')"
  elif [ -f "$1" ]; then sum_of "$1"; printf 'sha256 %s, mode %s, owner %s' "$sum" "$(stat -c %a "$1")" "$(stat -c %u:%g "$1")"
  elif [ -e "$1" ]; then printf 'not a file'
  else printf absent
  fi
}

# holds MODE KEY VALUE
holds() {
  read_value "./proc/sys/$2"
  case $1 in
    exact) [ "$value" = "$3" ] ;;
    *) number "$value" && ! lower "$value" "$3" ;;
  esac
}

hash_path=./sys/module/nf_conntrack/parameters/hashsize
hash_holds() {
  [ -n "$wanted_hash" ] || return 0
  read_value "$hash_path"
  number "$value" && ! lower "$value" "$wanted_hash"
}

# What an earlier run touched and this one does not want goes back to what it was before the first.
each_dropped() {
  [ ! -f "$state" ] || each_line "$state" "$1"
}

each_target() {
  each_file "$1"
  target_callback=$1
  each_dropped dropped_file
}

dropped_file() {
  [ "$1" = file ] && ! wants_file "$2" || return 0
  "$target_callback" "$2" "$3" "$4" "$5" "$6" "$7" "$8"
}

# ---- what differs

compare_file() { file_is "$@" || differs file "\${1#.}" "$2 $6" "$(shape_of "$1")"; }

compare_value() {
  holds "$@" || differs value "$2" "$3" "\${value:-$(absence "./proc/sys/$2")}"
}

absence() { if [ -e "$1" ]; then printf empty; else printf absent; fi; }

compare_module() { module "$@" || differs module "$1" loaded absent; }

compare_dropped() {
  case $1 in
    value)
      wants_key "$2" || [ "$3" = absent ] || { read_value "./proc/sys/$2"; [ "=$value" = "$3" ]; } ||
        [ ! -e "./proc/sys/$2" ] || differs value "$2" "\${3#=}" "$value"
      ;;
    hashsize)
      [ -n "$wanted_hash" ] || { read_value "$hash_path"; [ "$value" = "$2" ]; } || [ ! -e "$hash_path" ] ||
        differs hash-size nf_conntrack "$2" "$value"
      ;;
  esac
}

compare() {
  mismatches=
  each_target compare_file
  each_module compare_module
  hash_holds || differs hash-size nf_conntrack "$wanted_hash" "\${value:-absent}"
  each_setting compare_value
  each_dropped compare_dropped
}

# ---- the journal

note() {
  noted=$1
  shift
  for field in "$@"; do noted=$noted$tab$field; done
  text=$text$noted$newline
}

# note_file PATH KIND...: how the file is now. Only what can be put back is taken on.
note_file() {
  folders_for "$1"
  if [ -L "$1" ]; then
    was=$(readlink "$1")
    case $was in
      *[!-A-Za-z0-9_./@+:]*) trouble conflict "\${1#.} is a link whose target holds odd characters. Remove it." ;;
      *) [ "$2" != regular ] || trouble conflict "\${1#.} is a link to $was. Put a file in its place, or remove it." ;;
    esac
    note file "$1" link - - - "$was" -
  elif [ -f "$1" ]; then
    [ "$(stat -c %s "$1")" -le 1048576 ] || { trouble conflict "\${1#.} is larger than 1 MiB. Remove it."; return 0; }
    [ "$2" != link ] || trouble conflict "\${1#.} is a file where a link has to be. Remove it."
    data=$(encode "$1")
    sum_of "$1"
    note file "$1" regular "$(stat -c "%a$tab%u$tab%g" "$1")" "$sum" "\${data:--}"
  elif [ -e "$1" ]; then
    trouble conflict "\${1#.} is neither a file nor a link. Remove it."
  else
    note file "$1" absent - - - - -
  fi
}

# folders_for PATH: the folders above it that are not there.
folders_for() {
  above=\${1%/*}
  lacking=
  while [ ! -d "$above" ]; do
    if [ -e "$above" ] || [ -L "$above" ]; then trouble conflict "\${above#.} is not a folder. Remove it."; return 0; fi
    lacking="$above $lacking"
    above=\${above%/*}
  done
  [ -w "$above" ] || trouble read-only "\${above#.} cannot be written to."
  for above in $lacking; do
    case " $folders " in *" $above "*) continue ;; esac
    folders="$folders $above"
    note folder "$above"
  done
}

note_value() {
  if [ -e "./proc/sys/$1" ]; then
    read_value "./proc/sys/$1"
    note value "$1" "=$value"
  else
    note value "$1" absent
  fi
}
note_setting() { note_value "$2"; }
note_module() { module "$@" || note module "$1"; }
note_dropped() {
  case $1 in
    value) wants_key "$2" || note_value "$2" ;;
    hashsize) [ -n "$wanted_hash" ] || note_hash ;;
  esac
}
note_hash() {
  [ ! -e "$hash_path" ] || { read_value "$hash_path"; note hashsize "$value"; }
}

journal_text() {
  text=
  folders=
  note transaction "$transaction"
  each_target note_file
  each_module note_module
  [ -z "$wanted_hash" ] || note_hash
  each_setting note_setting
  each_dropped note_dropped
  note end
}

# state_text: the journal's lines, with older originals in place of them, and without what is no longer wanted.
state_text() {
  text=
  known=$newline
  note transaction "$transaction"
  note pool "$wanted_pool"
  note profile "$wanted_profile"
  each_dropped keep_original
  each_line "$journal" keep_original
  note end
}

keep_original() {
  case $1 in
    file) wants_file "$2" || return 0 ;;
    value) wants_key "$2" || return 0 ;;
    hashsize) [ -n "$wanted_hash" ] || return 0 ;;
    folder | module) ;;
    *) return 0 ;;
  esac
  original "$@"
}

original() {
  name=$1$tab$2
  [ "$1" != hashsize ] || name=hashsize
  case $known in *"$newline$name$newline"*) return 0 ;; esac
  known=$known$name$newline
  case $1 in
    file) note "$@" ;;
    value) note "$1" "$2" "$3" ;;
    *) note "$1" "$2" ;;
  esac
}

# keep FILE TEXT: writes all of it, or fails. By cat, which says why it could not.
keep() {
  printf '%s' "$2" | cat >"$1" && [ "$(stat -c %s "$1")" -eq "\${#2}" ] && sync "$1"
}

# ---- forward

# stage PATH KIND MODE UID GID CHECK DATA: all that can want space is written before anything is replaced.
stage() {
  ! file_is "$@" || return 0
  beside "$1"
  rm -f "$new" "$old" || return 1
  case $2 in
    regular)
      decode "$7" >"$new" && chown "$4:$5" "$new" && chmod "$3" "$new" && sum_of "$new" && [ "$sum" = "$6" ] || return 1
      staged="$staged $new"
      ;;
    link) ln -s "$6" "$new" || return 1 ;;
  esac
  [ -L "$1" ] || [ ! -f "$1" ] || ln "$1" "$old" 2>/dev/null || cp -p "$1" "$old" || return 1
}

stage_target() {
  [ "$failed" -eq 0 ] || return 0
  stage "$@" || failed=1
  #step staged
}

place_target() {
  [ "$failed" -eq 0 ] || return 0
  ! file_is "$@" || return 0
  place "$@" || failed=1
  #step placed
}

# place PATH KIND: puts the staged file where it belongs.
place() {
  beside "$1"
  touched "$1"
  if [ "$2" = absent ]; then rm -f "$1"; else mv -f "$new" "$1"; fi
}

touched() {
  case " $dirty " in *" \${1%/*} "*) ;; *) dirty="$dirty \${1%/*}" ;; esac
  case $1 in ./etc/systemd/system/*) units=1 ;; esac
}

# settle: what was renamed stays renamed after a power cut.
settle() {
  # shellcheck disable=SC2086 # a list
  [ -z "$dirty" ] || sync $dirty
  dirty=
}

reload() {
  [ -n "$units" ] || return 0
  units=
  [ ! -d ./run/systemd/system ] || systemctl daemon-reload </dev/null
}

load_module() {
  module "$@" || modprobe "$1" </dev/null 2>/dev/null || true
  #step loaded
}

set_value() {
  holds "$@" || write_value "./proc/sys/$2" "$3"
  #step set
}

set_dropped() {
  case $1 in
    value) wants_key "$2" || put_value "$2" "$3" ;;
    hashsize) [ -n "$wanted_hash" ] || put_hash "$2" ;;
    *) return 0 ;;
  esac
  #step put-back
}

put_value() {
  [ "$2" != absent ] && [ -e "./proc/sys/$1" ] || return 0
  read_value "./proc/sys/$1"
  [ "=$value" = "$2" ] || write_value "./proc/sys/$1" "\${2#=}"
}

put_hash() {
  [ -e "$hash_path" ] || return 0
  read_value "$hash_path"
  [ "$value" = "$1" ] || write_value "$hash_path" "$1"
}

make_folders() {
  for folder in $folders; do
    mkdir "$folder" && chmod 755 "$folder" || return 1
    touched "$folder"
    #step folder
  done
}

forward() {
  failed=0
  staged=
  dirty=
  units=
  at=folders
  make_folders && settle || return 1
  at=staging
  each_target stage_target
  state_text
  [ "$failed" -eq 0 ] && keep "$state.new" "$text" || return 1
  # shellcheck disable=SC2086 # a list
  [ -z "$staged" ] || sync $staged || return 1
  #step all-staged
  at=files
  each_target place_target
  [ "$failed" -eq 0 ] && settle || return 1
  #step all-placed
  at=daemon-reload
  reload || return 1
  #step reloaded
  at=values
  each_module load_module
  [ -z "$wanted_hash" ] || hash_holds || write_value "$hash_path" "$wanted_hash"
  #step sized
  # Twice: a value may be refused until another is set, such as the ends of a range.
  each_setting set_value
  each_setting set_value
  each_dropped set_dropped
  each_dropped set_dropped
  #step all-set
  compare
  [ -z "$mismatches" ] || return 1
  #step verified
  at=commit
  mv -f "$state.new" "$state" && sync "$home"
}

# ---- back

undo_value() {
  case $1 in
    value) put_value "$2" "$3" ;;
    hashsize) put_hash "$2" ;;
    *) return 0 ;;
  esac
  #step undone-value
}

undo_module() {
  [ "$1" = module ] && [ -d "./sys/module/$2" ] || return 0
  modprobe -r "$2" </dev/null 2>/dev/null || true
}

undo_file() {
  case $1 in
    file) shift ;;
    folder) undo_folders="$2 $undo_folders"; return 0 ;;
    *) return 0 ;;
  esac
  beside "$1"
  if ! file_is "$@"; then
    if [ "$2" = regular ] && file_is "$old" regular "$3" "$4" "$5" "$6"; then
      touched "$1"
      mv -f "$old" "$1"
    elif stage_back "$@"; then
      place "$@"
    fi
  fi
  rm -f "$new" "$old"
  #step undone-file
}

# stage_back: as stage, without a copy of what is there now.
stage_back() {
  rm -f "$new"
  case $2 in
    regular) decode "$7" >"$new" && chown "$4:$5" "$new" && chmod "$3" "$new" && sum_of "$new" && [ "$sum" = "$6" ] && sync "$new" ;;
    link) ln -s "$6" "$new" ;;
  esac
}

undone_line() {
  case $1 in
    file) shift; file_is "$@" || differs file "\${1#.}" "$2 $6" "$(shape_of "$1")" ;;
    value)
      [ "$3" = absent ] || [ ! -e "./proc/sys/$2" ] || { read_value "./proc/sys/$2"; [ "=$value" = "$3" ]; } ||
        differs value "$2" "\${3#=}" "$value"
      ;;
    hashsize)
      [ ! -e "$hash_path" ] || { read_value "$hash_path"; [ "$value" = "$2" ]; } || differs hash-size nf_conntrack "$2" "$value"
      ;;
  esac
}

# undo: everything as the journal says it was. The journal goes last, and only when all of it holds.
undo() {
  undo_folders=
  dirty=
  units=
  each_line "$journal" undo_value
  each_line "$journal" undo_value
  each_line "$journal" undo_module
  each_line "$journal" undo_file
  settle
  for folder in $undo_folders; do
    [ ! -d "$folder" ] || rmdir "$folder" || true
  done
  rm -f "$state.new" "$journal.new"
  #step undone
  reload || true
  mismatches=
  each_line "$journal" undone_line
  [ -z "$mismatches" ] || return 1
  #step undone-verified
  rm -f "$journal" && sync "$home"
  leave
}

# leave: the folder of ours goes when there is nothing to be put back.
leave() {
  [ ! -d "$home" ] || [ -e "$state" ] || [ -e "$journal" ] || { rm -f "$state.new" "$journal.new"; rmdir "$home"; } 2>/dev/null || true
}

# ---- after the commit

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
