import type { Architecture, ByArchitecture } from "./pinned-release";

/** A file that is put on a machine only when it is the pinned one. */
export interface PinnedFile {
  /** `https://…`, or the absolute path of a file on the machine. */
  readonly source: string;
  readonly sha256: string;
  /** Absolute path that it gets. */
  readonly target: string;
  readonly mode: "0644" | "0755";
}

/**
 * Words that the scripts of a bootstrap share. POSIX sh.
 *
 * `pinned` leaves a file alone that is there already and whole. What was fetched is looked at before it gets its name, so a file that was
 * changed on its way is never run.
 */
export const pinnedWords: string = `fail() {
  echo "$*" >&2
  exit 1
}

fetch() { # URL TARGET
  if command -v curl >/dev/null 2>&1; then
    curl --fail --silent --show-error --location --proto '=https' --tlsv1.2 --retry 5 --connect-timeout 20 --output "$2" "$1"
  elif command -v wget >/dev/null 2>&1; then
    wget --quiet --https-only --tries=5 --timeout=20 --output-document="$2" "$1"
  else
    fail "Neither curl nor wget is installed. Install one of them."
  fi
}

answers() { # URL: whether anything speaks HTTPS there, whatever it says.
  if command -v curl >/dev/null 2>&1; then
    curl --insecure --silent --max-time 10 --output /dev/null "$1"
  elif command -v wget >/dev/null 2>&1; then
    code=0
    wget --quiet --no-check-certificate --tries=1 --timeout=10 --output-document=/dev/null "$1" || code=$?
    [ "$code" = 0 ] || [ "$code" = 6 ] || [ "$code" = 8 ]
  else
    fail "Neither curl nor wget is installed. Install one of them."
  fi
}

answers_soon() { # URL: asks three times, since one answer that is lost must not look like nobody there.
  for pause in 2 5 0; do
    if answers "$1"; then return 0; fi
    sleep "$pause"
  done
  return 1
}

pinned() { # SOURCE SHA256 TARGET MODE
  if [ ! -f "$3" ] || [ "$(sha256sum <"$3")" != "$2  -" ]; then
    new=$3.meshground-new
    mkdir -p "\${3%/*}"
    case $1 in
      https://*) fetch "$1" "$new" || fail "$1 could not be fetched." ;;
      *) cp "$1" "$new" || fail "$1 could not be copied. An air-gapped machine has it before." ;;
    esac
    got=$(sha256sum <"$new")
    got=\${got%% *}
    if [ "$got" != "$2" ]; then
      rm -f "$new"
      fail "$1 has the SHA-256 $got, and $2 is pinned. Nothing of it was installed."
    fi
    sync "$new"
    mv -f "$new" "$3"
  fi
  chmod "$4" "$3"
}
`;

/** What `uname -m` calls an architecture. */
export const machineWords: Readonly<Record<Architecture, string>> = { amd64: "x86_64", arm64: "aarch64" };

/** Puts each file in its place, by the architecture of the machine. */
export function pinnedFiles(files: ByArchitecture<readonly PinnedFile[]>): string {
  const cases = (["amd64", "arm64"] as const).flatMap((name) => {
    const lines = (files[name] ?? []).map(({ source, sha256, target, mode }) => `    pinned ${source} ${sha256} ${target} ${mode}\n`);
    return lines.length === 0 ? [] : [`  ${machineWords[name]})\n${lines.join("")}    ;;\n`];
  });
  return `case $(uname -m) in\n${cases.join("")}  *) fail "No checksum is pinned for machines of $(uname -m)." ;;\nesac\n`;
}
