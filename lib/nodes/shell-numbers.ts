/** Whole numbers in POSIX sh: `number TEXT`, whether it is one of at most 20 digits, and `lower A B`, whether A is below B. */
export const shellNumbers: string = `number() {
  case $1 in '' | *[!0-9]*) return 1 ;; esac
  [ "\${#1}" -le 20 ]
}

# lower A B: whether A is below B. Digits are compared as text where they
# are too many for the shell's own arithmetic: fs.file-max can be 2^63-1.
lower() {
  [ "\${#1}" -eq "\${#2}" ] || { [ "\${#1}" -lt "\${#2}" ]; return; }
  [ "\${#1}" -gt 18 ] || { [ "$1" -lt "$2" ]; return; }
  [ "$1" != "$2" ] && [ "$(printf '%s\\n%s\\n' "$1" "$2" | sort | head -n 1)" = "$1" ]
}`;
