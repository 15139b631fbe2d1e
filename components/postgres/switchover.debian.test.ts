import { expect, test } from "vitest";
import { describeWithDebian } from "../../lab/debian/testing.ts";
import { renderEtcdStepAside } from "./etcd-step-aside.ts";
import { renderSwitchover } from "./switchover.ts";
import { testNode, testSpec } from "./testing.ts";

const program = (content: string) => ({ content: `#!/bin/bash\n${content}`, mode: "0755" });

/** One turn: the second sleep ends the script. */
const oneTurn = program(`[ ! -e /tmp/slept ] || kill $PPID\ntouch /tmp/slept\n`);
/** Larger than what JavaScript's and JSON's doubles hold, as ids of members are. */
const ids = ["9372538179322589801", "10501334649042878790", "18249187646912138824"] as const;
const status = (id: string, raftIndex: number, learner = false) =>
  `{"Endpoint":"x","Status":{"header":{"member_id":${id}},"leader":${ids[0]},"raftIndex":${raftIndex}${learner ? ',"isLearner":true' : ""}}}`;

describeWithDebian(
  "Scripts that move who leads, with programs of the machine that note what they are asked",
  (debian) => {
    const stepAside = (how: { leads: boolean; primary: boolean; statuses: string[]; refused?: string }) =>
      debian.script({
        files: {
          "/step": program(renderEtcdStepAside(testNode(1)).replace(/^.*\n/, "")),
          "/usr/local/bin/sleep": oneTurn,
          "/usr/local/bin/curl": program(`case $* in
  *:2381/metrics) for i in {1..5000}; do echo "etcd_other $i"; done; echo 'etcd_server_is_leader ${how.leads ? 1 : 0}'; echo after ;;
  *https://10.0.2.4:8008/primary) exit ${how.primary ? 0 : 22} ;;
  *) exit 99 ;;
esac`),
          "/usr/local/bin/etcdctl": program(`case $* in
  'endpoint status --cluster '*) echo '[${how.statuses.join()}]'; exit 1 ;;
  move-leader*) echo "$*"; [ "$2" != '${how.refused ?? ""}' ] ;;
esac`),
        },
        script: "bash /step || true",
      });
    const hex = (id: string) => BigInt(id).toString(16);

    test("etcd's leader beside the primary hands on, first to the member that has most", async () => {
      const statuses = [status(ids[0], 120), status(ids[1], 118), status(ids[2], 119)];
      const moved = await stepAside({ leads: true, primary: true, statuses });
      expect(moved.stdout).toBe(`move-leader ${hex(ids[2])}\n`);
      const refused = await stepAside({ leads: true, primary: true, statuses, refused: hex(ids[2]) });
      expect(refused.stdout).toBe(`move-leader ${hex(ids[2])}\nmove-leader ${hex(ids[1])}\n`);
    });

    test("nobody moves anything elsewhere, nor to a member that does not answer or only learns", async () => {
      const statuses = [status(ids[0], 120), status(ids[1], 118)];
      expect((await stepAside({ leads: false, primary: true, statuses })).stdout).toBe("");
      expect((await stepAside({ leads: true, primary: false, statuses })).stdout).toBe("");
      const learner = [status(ids[0], 120), status(ids[1], 118, true)];
      expect((await stepAside({ leads: true, primary: true, statuses: learner })).stdout).toBe("");
      expect((await stepAside({ leads: true, primary: true, statuses: [] })).stdout).toBe("");
    });

    const member = (ordinal: number, role: string, state = "streaming") =>
      `{"name":"${testNode(ordinal).name}","role":"${role}","state":"${state}"}`;
    const cluster = (members: string[], more = "") => `{"members":[${members.join()}]${more}}`;
    const healthy = cluster([member(1, "leader", "running"), member(2, "quorum_standby"), member(3, "quorum_standby")]);
    const switchover = (
      before: string,
      after = cluster([member(2, "leader", "running")]),
      spec = testSpec(),
      argument = "",
    ) =>
      debian.script({
        files: {
          "/switchover": program(renderSwitchover(spec, 1).replace(/^.*\n/, "")),
          "/cluster": before,
          "/after": after,
          "/usr/local/bin/curl": program("cat /cluster"),
          "/usr/local/bin/runuser": program(
            'for last; do :; done; case $last in *.ready*) cat /ready; echo 0 > /ready ;; *) echo "runuser $last" ;; esac',
          ),
          "/ready": "2\n",
          "/usr/local/bin/systemctl": program('echo "systemctl $*"; cp /after /cluster'),
          "/usr/local/bin/sleep": program("true"),
        },
        script: `bash /switchover ${argument}`,
      });

    test("an argument is no order: usage, and nothing else", async () => {
      for (const [argument, code] of [
        ["--help", 0],
        ["now", 1],
      ] as const)
        expect(await switchover(healthy, undefined, undefined, argument)).toMatchObject({
          code,
          stdout: expect.stringMatching(/^usage: sovereign-postgres-switchover .*\n$/),
        });
    });

    test("the primary hands over after a checkpoint, and says to whom", async () => {
      expect(await switchover(healthy)).toMatchObject({
        code: 0,
        stdout: `runuser CHECKPOINT\nsystemctl restart patroni.service\n${testNode(2).name} is the primary now\n`,
      });
    });

    test("nothing is restarted where nobody could take over", async () => {
      const alone = cluster([
        member(1, "leader", "running"),
        member(2, "replica"),
        member(3, "quorum_standby", "running"),
      ]);
      for (const [before, why] of [
        [alone, "no synchronous standby streams"],
        [cluster([member(1, "replica"), member(2, "leader", "running")]), `the primary is ${testNode(2).name}`],
        [healthy.replace(/}$/, ',"pause":true}'), "paused"],
        ["", "does not answer"],
      ] as const) {
        const { code, stdout, stderr } = await switchover(before);
        expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
        expect(stderr).toContain(why);
      }
      const relaxed = await switchover(alone, undefined, testSpec({ durability: "low-latency" }));
      expect(relaxed.code).toBe(0);
    });

    test("it says so when the same node is primary again, or nobody", async () => {
      const same = await switchover(healthy, cluster([member(1, "leader", "running")]));
      expect(same).toMatchObject({ code: 1, stderr: expect.stringContaining("primary again") });
      const nobody = await switchover(healthy, cluster([member(1, "replica"), member(2, "replica")]));
      expect(nobody).toMatchObject({ code: 1, stderr: expect.stringContaining("no primary after a minute") });
    });
  },
);
