# The command line.

def interruptible(may):
    """Whether Ctrl-C and an orderly kill end this program: not between the restored data's first write and the rebuild of the others."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler if may else signal.SIG_IGN)


def show(store):
    print(f"{'backup':<34} {'complete at':<23} {'timeline':>8} {'size':>8}")
    for backup in store.backups:
        print(f"{backup['label']:<34} {shown(backup['stop']):<23} {backup['timeline']:>8} {size(backup['size']):>8}")
    print(f"\nWAL up to {store.archive['max']}: every moment from {shown(min(b['stop'] for b in store.backups))} on.")
    for timeline, known in sorted(store.timelines.items()):
        if known["back"]:
            print(f"Timeline {timeline} began at {shown(known['created'])} with a restore to before {shown(known['back'])}.")


def confirm():
    if not Cluster().leader():
        raise Refused("the cluster has no primary: what was kept aside may still be needed")
    kept = sorted(glob.glob(f"{SETTINGS['data']}.before-*"))
    for folder in kept:
        say(f"{folder} ({size(used(folder))}) is deleted")
        shutil.rmtree(folder)
    if not kept:
        say("nothing is kept aside on this machine")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", metavar="MOMENT", help="a point in time with its offset, or latest")
    parser.add_argument("--replace", action="store_true", help="replace the cluster's data; without it nothing is changed")
    parser.add_argument("--timeline", type=int, help="follow this timeline, where the one chosen is not the one meant")
    parser.add_argument("--discard", action="store_true", help="without room for both: delete this machine's data first")
    parser.add_argument("--confirm", action="store_true", help="delete the data that were kept aside")
    options = parser.parse_args()
    if os.geteuid() != 0:
        raise Refused("this needs root: sudo sovereign-postgres-restore ...")
    lock = open(SETTINGS["lock"], "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Refused("another restore is under way on this machine") from None
    if options.confirm:
        return confirm()
    if not options.to:
        return show(Store())
    restore = Restore(options, lock)
    restore.plan()
    if not options.replace:
        say("nothing was changed. To replace the data of the whole cluster by those of that moment: the same command with --replace")
        return 3
    # Whoever loses the connection does not lose the restore.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    interruptible(True)
    restore.do()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Refused, Busy) as refused:
        say(f"error: {refused}")
        sys.exit(1)
    except OSError as error:
        # A full volume, a program or a file that is not there: the reason as the kernel gives it.
        say(f"error: {error.filename or 'this machine'}: {error.strerror or error}")
        sys.exit(1)
    except KeyboardInterrupt:
        say("stopped")
        sys.exit(130)
