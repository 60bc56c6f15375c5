#!/bin/sh
# Runs one attempt and records how it ended: supervisor.sh <folder> <command> [argument…]
# It leads a session of its own and outlives the server; a server that starts later finds the
# process by <folder>/pid, or else its exit status in <folder>/exit.
folder=$1
shift
ended=
trap 'ended=1' TERM INT HUP        # the command gets the signal too; the status must be written
echo $$ > "$folder/pid"
exec 3>&1 1>/dev/null 2>&1         # the log holds the command's words only, not this shell's
if [ -z "$ended" ]; then
    "$@" >&3 2>&3 3>&-
    status=$?
else
    status=143                     # asked to end before the command was there
fi
echo "$status" > "$folder/exit.tmp" && mv "$folder/exit.tmp" "$folder/exit"
kill -9 0                          # whatever the command left running in its group, and this shell
