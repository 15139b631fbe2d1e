#!/usr/bin/python3 -I
"""Puts the whole cluster back to a moment of the past, from the backups and WAL in the store. On the primary, as root.

  sovereign-postgres-restore                                        what can be had; changes nothing
  sovereign-postgres-restore --to '2026-11-20 14:30:00+00'          checks, and says what would happen; changes nothing
  sovereign-postgres-restore --to '2026-11-20 14:30:00+00' --replace   does it
  sovereign-postgres-restore --confirm                              deletes the data that were kept aside

The moment is up to and including: what was committed later is gone from the cluster. `--to latest` is the end of the WAL.
"""
import argparse, datetime, fcntl, glob, json, os, re, shutil, signal, subprocess, sys, time
import yaml

SETTINGS = {}

UTC = datetime.timezone.utc
LONG_AGO = datetime.datetime.min.replace(tzinfo=UTC)


class Refused(Exception):
    """Why it is not done, and what to do instead."""


class Busy(Exception):
    """What may be over in a moment: etcd elects a leader, a member restarts."""
