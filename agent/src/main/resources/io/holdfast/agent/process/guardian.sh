#!/bin/sh
# guardian.sh JOURNAL_ID BOOT_ID: stops the tasks of a master whose lease is over, when the agent cannot (R12).
# The working directory is the agent's data directory. While nothing is to be done it executes nothing but `sleep`.
# It reads masters/*/deadline ("DEADLINE GRACE BOOT_ID", centiseconds of /proc/uptime) and `agent` ("PID TICKS BOOT_ID
# SCRIPT", who is to be outlived, and the guardian's script that it wants). It ends when the agent is dead and no task
# lives, or when the agent wants another script. What it does it writes to guardian.log.

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

# sweep MASTER FILE: kills what carries the marker of one of its tasks, wherever it has gone, if that task has FILE (or,
# without one, if it is not to be kept). A process that started after the look, and so may have inherited its number,
# waits for the next one.
sweep() {
  grep -Hz -e "^HOLDFAST_TASK=$1/" -e "^HOLDFAST_WRAPPER=$1/" /proc/[0-9]*/environ | tr '\0' '\n' >guardian.found
  while IFS= read -r line; do
    pid=${line#/proc/}
    pid=${pid%%/*}
    marker=${line#*=}
    task=${marker#"$1/"}
    [ "$task" != "$marker" ] && [ "${task%"@$journal"}" != "$task" ] || continue
    task=masters/$1/tasks/${task%"@$journal"}
    if [ "$2" ]; then
      [ -e "$task/$2" ] || continue
    elif [ -e "$task/keep" ]; then
      continue
    fi
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
  log "kill $pid of $task"
  kill -KILL "$pid"
}

# over MASTER DEADLINE GRACE: the lease of a master is over. SIGKILL comes early enough for all to be dead when the
# grace is over too: the master counts on it (R3).
over() {
  early=$(($3 / 2))
  [ "$early" -lt 100 ] || early=100
  at=$(($2 + $3 - early))
  [ "$lease_boot" = "$boot" ] || at=$now
  busy=
  waiting=
  for d in masters/"$1"/tasks/*/; do
    d=${d%/}
    [ -e "$d" ] && ! [ -e "$d/keep" ] || continue
    read -r record <"$d/exit" || stop_task "$d" "$at"
  done
  [ "$waiting" ] || sweep "$1" ''
  if [ "$busy" ]; then
    pause=0.2
  else
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
idle=0
while :; do
  pause=0.5
  read -r up rest </proc/uptime
  now=${up%.*}${up#*.}
  agent_lives=
  agent=
  read -r agent agent_start agent_boot script <agent
  [ "$agent_boot" = "$boot" ] && alive "$agent" "$agent_start" && agent_lives=1
  for f in masters/*/deadline; do
    read -r deadline grace lease_boot <"$f" || continue
    [ "$lease_boot" = "$boot" ] && [ "$now" -lt "$deadline" ] && continue
    master=${f#masters/}
    master=${master%/deadline}
    case $clean in *" $master:$deadline:2 "*) continue ;; esac
    over "$master" "$deadline" "$grace"
  done
  if [ "$agent_lives" ]; then
    idle=0
    [ "$script" = "${0##*/}" ] || exit 0
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
