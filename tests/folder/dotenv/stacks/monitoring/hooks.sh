#!/bin/sh
echo user
