#!/bin/sh
# task.sh BOOT_ID SETSID SHELL: one life of one task (R9, R10). The working directory is the task's directory.
# The agent starts it and may die at any moment after. Builtins only, but for `setsid sh`: an exec costs most here.
# Every record is one line, written at once; a record without its newline is not there.

# `:` and not '': what is caught here is reset for the job, what is ignored would stay ignored. The job runs in the
# foreground for the same reason (sh ignores INT and QUIT for what runs in the background, for good), and because
# signals then wait until it has ended.
trap : HUP INT QUIT TERM PIPE ALRM USR1 USR2 TSTP TTIN TTOU

boot=$1
setsid=$2
shell=$3

# The claim, the point of no return: O_EXCL lets one writer create `started`, ever. Who cannot read its own name
# there has not won, whatever the reason (a rival, `never`, a full disk).
identify() { me="$$ ${20} $boot"; }
claim=
read -r stat </proc/$$/stat && identify ${stat##*) } || exit 4
set -C
echo "$me" >started
set +C
read -r claim <started && [ "$claim" = "$me" ] || {
  echo "lost $claim"
  exit 3
}
echo "claimed $me"
exec >/dev/null 2>&1

# The job's side, in a session of its own. It publishes its group, THEN looks whether it has been killed. Who stops
# it writes `killed`, THEN reads the group: one of the two always sees the other. Names with HOLDFAST__ are ours.
job='
read -r HOLDFAST__S </proc/$$/stat
HOLDFAST__B=$1
set -- ${HOLDFAST__S##*) }
HOLDFAST__N=
if ! echo "$$ ${20} $HOLDFAST__B" >pgid; then
  HOLDFAST__N="its group could not be published"
elif [ -e killed ]; then
  HOLDFAST__N="killed before it began"
elif ! read -r HOLDFAST__D HOLDFAST__G HOLDFAST__S <../../deadline || [ "$HOLDFAST__S" != "$HOLDFAST__B" ]; then
  HOLDFAST__N="there is no lease"
elif ! read -r HOLDFAST__U HOLDFAST__G </proc/uptime || ! [ "${HOLDFAST__U%.*}${HOLDFAST__U#*.}" -lt "$HOLDFAST__D" ]; then
  HOLDFAST__N="the lease was over before it began"
elif ! cd "$HOLDFAST__W"; then
  HOLDFAST__N="its working directory cannot be entered"
fi
if [ "$HOLDFAST__N" ]; then
  until echo "not-started $HOLDFAST__N" >exit; do sleep 1 || exit; done
  exit
fi
set --
if [ -x "$0" ]; then
  # What the kernel does with #!, without executing the file: that fails while any process still has it open to write.
  read -r HOLDFAST__S <"$0"
  HOLDFAST__S=${HOLDFAST__S#??}
  HOLDFAST__S=${HOLDFAST__S#"${HOLDFAST__S%%[! 	]*}"}
  HOLDFAST__B=${HOLDFAST__S%%[ 	]*}
  HOLDFAST__S=${HOLDFAST__S#"$HOLDFAST__B"}
  HOLDFAST__S=${HOLDFAST__S#"${HOLDFAST__S%%[! 	]*}"}
  set -- "$HOLDFAST__B" ${HOLDFAST__S:+"$HOLDFAST__S"} "$0"
fi
unset HOLDFAST__S HOLDFAST__B HOLDFAST__N HOLDFAST__D HOLDFAST__G HOLDFAST__U HOLDFAST__W
[ $# = 0 ] || exec "$@"
. "$0"
'

# `env` may name any variable, also ours: what is still needed stands in the positional parameters.
set -- "$setsid" "$shell" -c "$job" "$PWD/job" "$boot"
(
  set -a
  . ./env
  unset HOLDFAST_WRAPPER
  exec "$@"
) >>stdout 2>>stderr
code=$?

# The job's side has recorded its refusal itself.
read -r record <exit && exit
group=
read -r group rest <pgid
if [ "$group" ]; then
  left=0
  kill -0 "-$group" && left=1
  read -r up rest </proc/uptime
  record="exit $code ${up%.*}${up#*.} $left"
else
  record="not-started its session could not be started (its stderr may say why)"
fi
# A full disk must not lose it: this process is the only one that knows.
until echo "$record" >exit; do
  [ -e started ] && sleep 1 || exit
done
