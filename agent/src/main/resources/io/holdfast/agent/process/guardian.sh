#!/bin/sh
# guardian.sh JOURNAL_ID BOOT_ID: stops the tasks of a master whose lease is over, when the agent cannot (R12).
# The working directory is the agent's data directory. While nothing is to be done it executes nothing but `sleep`.
# It reads masters/*/deadline ("DEADLINE GRACE BOOT_ID" and "PROVEN_AT", centiseconds of /proc/uptime; the file's time is
# what the wall clock shows at the deadline, and a little) and `agent` ("PID TICKS BOOT_ID SCRIPT", who is to be
# outlived, and the guardian's script that it wants). It becomes another script when the agent wants one, and ends when
# the agent is dead and no task lives. What it does it writes to guardian.log; each look touches guardian.tick.
# Tasks of a lease that it cannot judge it stops with SIGSTOP and writes masters/*/held: "SINCE BOOT_ID late|doubt".

trap : HUP INT QUIT PIPE ALRM USR1 USR2 TSTP TTIN TTOU
journal=$1
boot=$2
exec </dev/null >/dev/null 2>&1
# One guardian for each data directory: the kernel drops the lock with the process, however that ends.
exec 9>>guardian.lock
flock -n 9 || exit 0
identify() { me="$$ ${20} $boot"; }
read -r stat </proc/$$/stat && identify ${stat##*) }
echo "$me ${0##*/}" >guardian

log() { echo "$now $*" >>guardian.log; }

# alive PID TICKS [GROUP]: whether this very process lives (R10: never a bare pid).
alive() {
  # Whatever a damaged record says: never "everything", never the first process.
  [ "$2" ] && [ "$1" -gt 1 ] && read -r stat <"/proc/$1/stat" || return 1
  ticks=$2
  set -- ${stat##*) }
  [ "${20}" = "$ticks" ] && [ "$1" != Z ] && [ "$1" != X ]
}

# stop_task DIR DUE: one step of the same procedure that the agent follows (R11): `killed` first, then the group.
# Sets busy while something lives, and waiting while that may still end by itself, until DUE. Who wrote `killed`
# sends SIGTERM, once, for many programs take a second one as "at once"; this process also for an agent that is dead.
stop_task() {
  dir=$1
  claim=
  if ! [ -e "$dir/started" ]; then
    set -C
    echo "never guardian" >"$dir/started"
    set +C
  fi
  read -r claim start claim_boot <"$dir/started"
  [ "$claim" = never ] && return
  if ! [ -e "$dir/killed" ]; then
    set -C
    echo "$2 $boot guardian the lease is over" >"$dir/killed"
    set +C
    log "stop $dir"
  fi
  due=$2
  by=
  if read -r kill_at kill_boot by rest <"$dir/killed" && [ "$kill_boot" = "$boot" ] && [ "$kill_at" -lt "$due" ]; then
    due=$kill_at
  fi
  group=
  group_start=
  read -r group group_start group_boot <"$dir/pgid" && [ "$group_boot" = "$boot" ] || group=
  if [ "$group" ] && alive "$group" "$group_start"; then
    busy=1
    if [ "$now" -ge "$due" ]; then
      kill -KILL "-$group" || kill -KILL "$group"
    else
      waiting=1
      case "$by $agent_lives$termed" in
      "agent 1"*) ;;
      *" $dir "*) ;;
      *)
        # It has the group a moment after it has published it.
        kill -TERM "-$group" && termed="$termed$dir "
        kill -CONT "-$group"
        ;;
      esac
    fi
  elif [ "$claim_boot" = "$boot" ] && alive "$claim" "$start"; then
    # The wrapper is about to record the end. One that is stuck must not outlive the task for ever.
    busy=1
    [ "$now" -lt $((due + 500)) ] || kill -KILL "$claim"
  fi
}

# judge OVER PASSED LATE HELD PROVEN SETTLED: the rule; words are empty for "no". The lease is over by the boot clock; the
# wall clock is past its end; this look came late; tasks are held for it (late, doubt); the master was heard since; two
# seconds went by since. A wall clock alone never ends anything: it may be a machine that stood still, or somebody who
# set the clock. Sets verdict: leave, hold-late, hold-doubt, release, stop (with the grace) or kill.
judge() {
  case "${1:+over} ${4:-free} ${2:+passed}" in
  "over doubt passed") verdict=kill ;;
  "over doubt ")
    verdict=kill
    [ -z "$5" ] || verdict=stop
    ;;
  over*) verdict=stop ;;
  " free passed" | " late passed") verdict=hold-doubt ;;
  " doubt passed") verdict=hold-doubt ;;
  " free ")
    verdict=leave
    [ -z "$3" ] || verdict=hold-late
    ;;
  " late ")
    verdict=hold-late
    [ -z "$5$6" ] || verdict=release
    ;;
  " doubt ")
    verdict=hold-doubt
    [ -z "$5" ] || verdict=release
    ;;
  esac
}
# end of the rule

# held_by MASTER: sets held and since from the list of holds, which a full disk cannot hurt.
held_by() {
  held=
  since=0
  case $holds in
  *" $1:"*)
    held=${holds#*" $1:"}
    held=${held%% *}
    since=${held%%:*}
    held=${held#*:}
    ;;
  esac
}

forget_hold() {
  case $holds in *" $1:"*) ;; *) return ;; esac
  after=${holds#*" $1:"}
  holds="${holds%%" $1:"*} ${after#* }"
  rm -f "masters/$1/held" 9>&-
}

# hold MASTER WHY: nothing of this master's tasks goes on, until its lease is proven or over. Those that escaped their
# group, or have just begun, are found by the next look.
hold() {
  if [ "$held" != "$2" ]; then
    [ "$held" ] || since=$now
    log "hold $1: $2"
    forget_hold "$1"
    holds="$holds$1:$since:$2 "
    echo "$since $boot $2" >"masters/$1/held"
  fi
  signal_all STOP "$1"
}

# release MASTER: only at the second look in a row, so that a stop ordered by the same message comes first.
release() {
  case $sure in
  *" $1 "*) ;;
  *)
    sure="$sure$1 "
    signal_all STOP "$1"
    return
    ;;
  esac
  log "release $1"
  sure=' '
  signal_all CONT "$1"
  forget_hold "$1"
}

# signal_all SIGNAL MASTER: to the groups of its tasks that are not to be kept, and to what has left them.
signal_all() {
  for d in masters/"$2"/tasks/*/; do
    d=${d%/}
    [ -e "$d" ] && ! [ -e "$d/keep" ] || continue
    read -r record <"$d/exit" && continue
    group=
    read -r group group_start group_boot <"$d/pgid" && [ "$group_boot" = "$boot" ] || continue
    alive "$group" "$group_start" && kill "-$1" "-$group"
  done
  sweep_signal=$1
  sweep "$2" ''
  sweep_signal=KILL
  busy=
}

# sweep MASTER FILE: kills (or sends what sweep_signal says) what carries the marker of one of its tasks, wherever it has
# gone, if that task has FILE, and is not to be kept (what is killed is, whatever it was). A process that started after
# the look, and so may have inherited its number, waits for the next one.
sweep() {
  grep -Hz -e "^HOLDFAST_TASK=$1/" -e "^HOLDFAST_WRAPPER=$1/" /proc/[0-9]*/environ | tr '\0' '\n' >guardian.found
  while IFS= read -r line; do
    pid=${line#/proc/}
    pid=${pid%%/*}
    marker=${line#*=}
    task=${marker#"$1/"}
    [ "$task" != "$marker" ] && [ "${task%"@$journal"}" != "$task" ] || continue
    task=masters/$1/tasks/${task%"@$journal"}
    [ -z "$2" ] || [ -e "$task/$2" ] || continue
    [ "$2" = killed ] || ! [ -e "$task/keep" ] || continue
    claim=
    read -r claim rest <"$task/started"
    case $line in *":HOLDFAST_WRAPPER="*) [ "$claim" = "$pid" ] && continue ;; esac
    sweep_one "$pid"
  done <guardian.found
}
sweep_one() {
  pid=$1
  read -r stat <"/proc/$pid/stat" || return
  set -- ${stat##*) }
  [ "$1" = Z ] && return
  busy=1
  [ "${20}" -le "$now" ] || return
  [ "$sweep_signal" != KILL ] || log "kill $pid of $task"
  kill "-$sweep_signal" "$pid"
}

# over MASTER DEADLINE GRACE VERDICT: the lease of a master is over. SIGKILL comes early enough for all to be dead when the
# grace is over too: the master counts on it (R3).
over() {
  early=$(($3 / 2))
  [ "$early" -lt 100 ] || early=100
  at=$(($2 + $3 - early))
  [ "$lease_boot" = "$boot" ] && [ "$4" = stop ] || at=$now
  busy=
  waiting=
  for d in masters/"$1"/tasks/*/; do
    d=${d%/}
    [ -e "$d" ] && ! [ -e "$d/keep" ] || continue
    read -r record <"$d/exit" || stop_task "$d" "$at"
  done
  # What an ended task has left has no grace of its own, and does not wait for that of others.
  if [ "$waiting" ]; then
    sweep "$1" exit
  else
    sweep "$1" ''
  fi
  if [ "$busy" ]; then
    pause=0.2
  else
    forget_hold "$1"
    # Twice: a process in the middle of an exec shows no environment for a moment.
    case $clean in
    *" $1:$2:1 "*) clean="$clean $1:$2:2 " ;;
    *)
      clean="$clean $1:$2:1 "
      pause=0.2
      ;;
    esac
  fi
}

# orphans: the agent is dead. Finishes what it had begun to stop; ends this process when no task lives.
orphans() {
  living=
  busy=
  sweeps=' '
  for d in masters/*/tasks/*/; do
    d=${d%/}
    # One that lives is enough: a shell reads each record byte by byte.
    [ -z "$living" ] || [ -e "$d/killed" ] || continue
    [ -e "$d" ] || continue
    read -r record <"$d/exit" && continue
    claim=
    read -r claim start rest <"$d/started"
    if [ "$claim" = never ]; then
      continue
    elif [ -e "$d/killed" ]; then
      waiting=
      stop_task "$d" 99999999999
      master=${d#masters/}
      master=${master%%/*}
      case "$waiting$sweeps" in
      1* | *" $master "*) ;;
      *) sweeps="$sweeps$master " ;;
      esac
    elif [ "$claim" ] && alive "$claim" "$start"; then
      living=1
    elif read -r group start rest <"$d/pgid" && alive "$group" "$start"; then
      living=1
    fi
  done
  for master in $sweeps; do
    sweep "$master" killed
  done
  [ "$busy" ] && living=1 pause=0.2
}

clean=' '
termed=' '
sure=' '
sweep_signal=KILL
# What another guardian held and did not live to release.
holds=' '
for f in masters/*/held; do
  read -r since held_boot held <"$f" && [ "$held_boot" = "$boot" ] || continue
  f=${f#masters/}
  holds="$holds${f%/held}:$since:$held "
done
idle=0
looked=
calm=0
while :; do
  pause=0.5
  read -r up rest </proc/uptime
  now=${up%.*}${up#*.}
  # Not a builtin that the shell would die with on a full disk.
  true >guardian.tick
  # A wall clock that is corrected after a stand-still is so a moment later: the tasks wait for it. A busy machine must
  # not keep them from going on at all. From look to look, for this process may have stood still within one.
  late=
  if [ "$looked" ] && [ $((now - looked)) -gt 300 ] && [ "$now" -ge "$calm" ]; then
    late=1
    calm=$((now + 6000))
    log "late: $((now - looked)) since the last look"
  fi
  looked=$now
  agent_lives=
  agent=
  read -r agent agent_start agent_boot script <agent
  [ "$agent_boot" = "$boot" ] && alive "$agent" "$agent_start" && agent_lives=1
  for f in masters/*/deadline; do
    proven=0
    { read -r deadline grace lease_boot && { read -r proven || :; }; } <"$f" || continue
    master=${f#masters/}
    master=${master%/deadline}
    is_over=1
    [ "$lease_boot" = "$boot" ] && [ "$now" -lt "$deadline" ] && is_over=
    passed=
    [ guardian.tick -nt "$f" ] && passed=1
    # The usual case.
    case "$is_over$passed$late$holds" in *:* | 1*) ;; *) continue ;; esac
    case $is_over$clean in 1*" $master:$deadline:2 "*) continue ;; esac
    held_by "$master"
    heard=
    [ "${proven:-0}" -gt "$since" ] && heard=1
    settled=
    [ $((now - since)) -ge 200 ] && settled=1
    judge "$is_over" "$passed" "$late" "$held" "$heard" "$settled"
    case $verdict in
    hold-*) hold "$master" "${verdict#hold-}" ;;
    release) release "$master" ;;
    stop | kill) over "$master" "$deadline" "$grace" "$verdict" ;;
    esac
  done
  if [ "$agent_lives" ]; then
    idle=0
    if [ "$script" != "${0##*/}" ]; then
      # In its place, with the lock: no moment without a guardian.
      case $script in guardian*.sh) [ -r "${0%/*}/$script" ] && exec /bin/sh "${0%/*}/$script" "$journal" "$boot" ;; esac
      exit 0
    fi
  else
    orphans
    if [ "$living" ]; then
      idle=0
    elif [ "$idle" -lt 3 ]; then
      idle=$((idle + 1))
    else
      # What has not claimed its start by now never shall: nobody would guard it.
      for d in masters/*/tasks/*/; do
        [ -e "$d" ] && ! [ -e "${d}started" ] || continue
        set -C
        echo "never guardian" >"${d}started"
        set +C
      done
      orphans
      # Nor must what an ended task left behind be alone when the lease ends.
      if [ -z "$living" ] && ! grep -qz "^HOLDFAST_TASK=.*@$journal" /proc/[0-9]*/environ; then
        exit 0
      fi
      pause=1
    fi
  fi
  sleep "$pause" 9>&- || sleep 1 9>&-
done
