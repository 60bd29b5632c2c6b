#!/bin/sh
# signal.sh: sends signals, each only after another look at who would get it. Reads lines "SIGNAL TARGET PID TICKS":
# TARGET (a process, or -GROUP) is signalled only if PID is still the process that started at TICKS and, for a group,
# still belongs to it. The kernel does not reuse the number of a group that has a member.
send() {
  # Whatever a damaged record says: never "everything", never the first process.
  [ "$pid" -gt 1 ] && [ "${target#-}" -gt 1 ] && [ "${20}" = "$ticks" ] || return
  case $target in
  -*) [ "$3" = "${target#-}" ] || return ;;
  esac
  kill "-$signal" "$target"
}
while read -r signal target pid ticks; do
  read -r stat <"/proc/$pid/stat" && send ${stat##*) }
done 2>/dev/null
:
