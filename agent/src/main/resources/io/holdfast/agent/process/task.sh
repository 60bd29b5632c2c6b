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

# The process that becomes the job. It publishes itself, leader-to-be of the job's group, THEN looks whether it has been
# killed. Who stops it writes `killed`, THEN reads the group: one of the two always sees the other. It has the group
# only after `setsid`; until then it is signalled by its own number.
# The job's variables come last, inside the session: `setsid` would load the job's locale, which costs as much as an
# exec. They may name any variable, also ours, so that nothing but positional parameters is used after them.
become='set -a
. ./env
set +a
cd "$HOLDFAST__W" || {
  until echo "not-started its working directory cannot be entered" >exit; do sleep 1 || exit; done
  exit
}
unset HOLDFAST__W
[ "$#" = 0 ] || exec "$@" "$0"
. "$0"'
(
  read -r stat </proc/self/stat
  publish() { echo "$pid ${20} $boot" >pgid; }
  pid=${stat%% *}
  refusal=
  if ! publish ${stat##*) }; then
    refusal="its group could not be published"
  elif [ -e killed ]; then
    refusal="killed before it began"
  elif ! read -r deadline grace lease_boot <../../deadline || [ "$lease_boot" != "$boot" ]; then
    refusal="there is no lease"
  elif ! read -r up rest </proc/uptime || ! [ "${up%.*}${up#*.}" -lt "$deadline" ]; then
    refusal="the lease was over before it began"
  fi
  if [ -z "$refusal" ]; then
    set --
    if [ -x job ]; then
      # What the kernel does with #!, without executing the file: that fails while any process has it open to write.
      read -r program <job
      program=${program#??}
      program=${program#"${program%%[! 	]*}"}
      argument=${program#"${program%%[ 	]*}"}
      argument=${argument#"${argument%%[! 	]*}"}
      set -- "${program%%[ 	]*}" ${argument:+"$argument"}
    fi
    export HOLDFAST_TASK="$HOLDFAST_WRAPPER"
    unset HOLDFAST_WRAPPER
    exec "$setsid" "$shell" -c "$become" "$PWD/job" "$@"
  fi
  until echo "not-started $refusal" >exit; do sleep 1 || exit; done
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
  record="not-started its process could not be started"
fi
# A full disk must not lose it: this process is the only one that knows.
until echo "$record" >exit; do
  [ -e started ] && sleep 1 || exit
done
