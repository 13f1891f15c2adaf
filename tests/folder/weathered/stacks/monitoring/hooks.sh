#!/bin/sh
[ "$1" = hook_mode ] && echo user && exit
[ "$1" = pre_deploy ] && : > minio-targets.json
