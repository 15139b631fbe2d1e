# Timelines and backups on the way to a moment. Pure.
def moment(text):
    """A point in time with its offset."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d(:?\d\d)?)", text):
        raise Refused(f"{text!r} is not a point in time with its offset, such as 2026-11-20 14:30:00+00 (UTC) or latest")
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(f"{text!r} is not a point in time: {error}") from None


def shown(when):
    return when.astimezone(UTC).isoformat(" ").replace("+00:00", "+00")


def lsn(text):
    high, low = text.split("/")
    return int(high, 16) << 32 | int(low, 16)


def history(text):
    """From `0000000N.history`: [(parent, where it was left)], and the moment that a restore went back to."""
    lines = [line.split("\t") for line in text.splitlines() if re.match(r"\s*\d+\t", line)]
    reason = lines[-1][2] if lines and len(lines[-1]) > 2 else ""
    back = re.match(r"(?:before|after) (\d{4}-\d\d-\d\d \d\S*)$", reason)
    return [(int(parent), lsn(left)) for parent, left, *_ in lines], moment(back[1]) if back else None


def timeline_at(timelines, when):
    """
    The timeline to follow to a moment. Not simply the newest: after a restore that one lacks what was written between the moment gone back
    to and the restore. timelines: {number: {"created", "chain": [(parent, left)], "back"}}; when: None for the end.
    """
    newest = sorted(timelines, reverse=True)
    if when is None:
        return newest[0]
    current = max((t for t in timelines if timelines[t]["created"] <= when), default=newest[-1])
    for candidate in newest:
        chain = [parent for parent, _ in timelines[candidate]["chain"]] + [candidate]
        if current not in chain:
            continue
        later = chain[chain.index(current) + 1:]
        if all(timelines[t]["back"] is None or timelines[t]["back"] > when for t in later if t in timelines):
            return candidate
    return current


def backup_for(backups, timelines, timeline, when):
    """The last backup that lies on the way to a moment; None without one."""
    left = dict(timelines.get(timeline, {"chain": []})["chain"])
    fitting = [
        backup for backup in backups
        if (when is None or backup["stop"] < when)
        and (backup["timeline"] == timeline or backup["lsn"] <= left.get(backup["timeline"], -1))
    ]
    return max(fitting, key=lambda backup: backup["stop"], default=None)
