/**
 * Seeds of clusters that once failed, each named after what it found.
 *
 * What was found has a test of its own in test/cluster: when the simulation learns a new habit, the same
 * number lives another life. These are kept because they were unlucky once.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ClusterConfig, FEATURES, HASTE, TRIALS, withoutFeatures } from "./config.ts";
import { inHaste } from "./haste.ts";
import { liveCluster } from "./life.ts";

const found: readonly [seed: number, what: string][] = [
  [15, "WORKING was forgotten when a job was on its way to its next keeper"],
  [28, "nodes whose clients ask in turns sent a job round without end"],
  [55, "holders made each other keeper without end"],
  [74, "DELJOB at a borrower left a job lent to nobody"],
  [78, "a job stayed lent to a node that was no member any more"],
  [110, "a node that got its copy after it was asked was not told of an acknowledgement"],
  [179, "who waited while memory was short was not heard of afterwards"],
  [198, "a holder stayed out of lists that were told before it was known"],
  [210, "a restart that was noticed late took new copies out of a list"],
  [232, "WORKING for a job that waited for its copies hid its end from them"],
  [233, "a job that had come round was forgotten for its first move"],
  [284, "a leaving node gave a job to one who had a copy, and dropped its own"],
  [262, "a borrowed job outlived its acknowledgement, its lender having started again"],
  [268, "a NACK that crossed the push of the job had it handed out twice"],
  [288, "a job went from node to node hundreds of times a second"],
  [5045, "a copy that arrived after its node was asked for it was in nobody's list"],
];

/** Lives with logs. */
const foundWithLogs: typeof found = [
  [3485, "two nodes one of which had forgotten the other both stayed keeper of a loan"],
  [3564, "nodes that had forgotten each other in turns both stayed keeper"],
  [30223, "a forgotten holder that had become keeper stayed it when it was met again"],
  [60368, "a leaving node waited for a dead member to take its copy"],
  [61649, "an owner of a queue gathered jobs that it had not asked for"],
  [62062, "a job lent to a node that had become its keeper was with nobody until RETRY was over"],
  [
    62412,
    "a copy that its keeper had forgotten outlived an acknowledgement after they had met again",
  ],
  [70116, "ENQUEUE at a borrower, which crossed the next push of the job, had it handed out twice"],
  [
    80010,
    "a leaving node left a job with too few copies, because one who stayed was short of memory",
  ],
  [
    123660,
    "a job delivered at most once that went round was forgotten for an earlier move to the same node",
  ],
  [90583, "a copy that was heard of while another node collected outlived its acknowledgement"],
  [
    771048,
    "a job delivered at most once moved on behind an acknowledgement that followed it, and outlived it",
  ],
  [780235, "a copy whose keeper had not heard of it outlived an acknowledgement"],
  [124315, "a copy that another keeper had asked for outlived a FASTACK"],
  [830245, "a copy that the loser of two keepers had made anew was in no list"],
  [
    833182,
    "a job that was delivered at most once came back from its next keeper, and counted as deliverable",
  ],
  [833204, "a job delivered at most once stayed where it had moved on from, and in nobody's list"],
  [840924, "an acknowledgement was expected to outlive a flush in the same turn"],
  [
    841059,
    "a borrowed job whose reply was lost was held by a pause, and queued here and elsewhere",
  ],
  [123714, "a repair was expected of nodes on which the queue was paused"],
  [
    887610,
    "a leaving node stayed because the queue of its jobs was paused on all who could take copies",
  ],
  [890664, "a leaving node kept a job that had moved there for a client that waited no more"],
  [877161, "a borrower that had got a copy told nobody that a reply with the job was lost"],
  [
    874179,
    "a job that was taken over behind the back of its heir, and given away as well, had two keepers",
  ],
];

/** Lives in which logs may lose their end. */
const foundWithTornLogs: typeof found = [
  [861009, "a job delivered at most once that moved while two nodes met again was lost"],
  [830353, "a job that was given away behind the back of one that kept it as well had two keepers"],
  [
    831634,
    "a node whose log had lost its end and one that had taken its job over both stayed keeper",
  ],
  [832850, "the answer to a push that came behind a FLUSHALL was taken for one to the next push"],
  [833587, "a node without the end of its log and the one that had borrowed its job both kept it"],
  [841231, "a node came from its log with a job that was acknowledged before it had said so"],
  [841723, "a node that had lost who had a copy kept the acknowledgement for itself"],
  [851153, "a keeper that lost its memory had copied a job behind the back of its acknowledgement"],
  [850051, "a node whose answer a FLUSHALL had swallowed was given no copies any more"],
  [863174, "a lease was expected to outlive a NACK that was under way to its keeper when it began"],
  [841896, "a job was expected not to be lent to who had asked for it as owner of its queue"],
  [878094, "a job counted as delivered that a process was about to send when it ended"],
];

/** Lives with all that can happen until everything is healed. */
const foundBeforeTrials: typeof found = [
  [892173, "copies were expected on nodes of another cluster than the leaving one's"],
  [891325, "a leaving node dropped a copy that one whom only it knew could have had"],
  [903150, "a recall was expected to have passed the push that it followed over a slow link"],
  [903494, "a job on its way to its next keeper counted twice, as if its copies were restored"],
  [
    898013,
    "DELJOB of a job that waited for its copies was told once, and forgotten by a node that started again",
  ],
  [921666, "what remembered an acknowledgement ended with the whole minutes of the job's life"],
  [898312, "a holder that was away when DELJOB refused a job to its producer came back with it"],
  [890267, "a job that came back with a log that had lost its NOREPL was expected to be gone"],
  [
    885490,
    "WORKING and ENQUEUE had a job handed out where it had been lent as well, though acknowledged",
  ],
  [905352, "a job was taken for lent to nobody whose client had got it before the copy came there"],
  [914313, "a job that came back from a dead node was due, and in no queue"],
  [934509, "a leaving node dropped its copy for one that had never arrived where it was sent"],
  [933484, "a job that may be delivered once was taken for left: its return was not in the log"],
  [936397, "nodes of which one forgot the other started again before they met: both stayed keeper"],
  [896045, "WORKING was forgotten when a job went to who had a copy and back in one turn each"],
  [943005, "two keepers, one of which had pushed the job twice, left it lent to nobody"],
  [
    960554,
    "a node whose memory was full was expected to bring together who waits and what is there",
  ],
  [973776, "who waited at a borrower after DELJOB there was served two seconds later"],
  [987084, "a job that went out and came back again and again was taken for lent to nobody"],
  [
    997625,
    "an acknowledgement was expected to reach a job that was in a log only, without its end",
  ],
  [1000367, "nobody looked at a job again that was lent to the only node for its copy"],
  [934897, "a lease was expected to be over that its keeper heard of after standing still"],
  [
    1001173,
    "a lease was expected to outlive an ENQUEUE about the one before it, whose reply was lost",
  ],
  [996863, "as many nodes as an owner had asked were expected to send no more than two would"],
  [
    1081715,
    "a job that became a copy where it was borrowed was lent to nobody for its whole lease",
  ],
];

/** Lives in haste. */
const foundInHaste: typeof found = [
  [1025176, "a borrower adopted a job beside a holder of which it had not heard"],
  [1026754, "a job that was adopted kept a copy too many when its lender was back"],
  [1026958, "two keepers one of which knew the other for a holder both stayed keeper"],
  [
    1160608,
    "as many as had jobs were told of each of many who wait no more, and that was too much to say",
  ],
  [1026541, "a copy that came only to be dropped counted as a repair"],
];

/** Lives as they are. */
const foundAsTheyAre: typeof found = [
  [1101295, "a holder that was forgotten while it was down did not speak up when it was met again"],
  [1111206, "an acknowledgement was expected to be kept that was neither logged nor answered"],
  [1131978, "a node that had answered, and forgotten that by FLUSHALL, was given a copy again"],
  [1121629, "a job that went and came back to stay was expected to go to another node meanwhile"],
  [1114268, "who waited was not heard of again after a job for it had been called back on its way"],
  [
    1115242,
    "a leaving node was expected to keep a job that may have been delivered, and may be once",
  ],
  [
    1117313,
    "WORKING was expected to catch a job that went round between nodes and was with nobody",
  ],
  [1122331, "a node whose memory is full was expected to ask for jobs for those who wait there"],
  [1120782, "a copy was not counted at a node that began to leave while it was on its way there"],
  [1200464, "a node was expected to know of nobody while it dialled one that was gone for ever"],
  [1184227, "a node that began to leave while a job waited for its copies kept one of them"],
  [
    1312409,
    "whoever repairs was expected to know that the time on the way was added to a job's life",
  ],
  [1198364, "a leaving node took a job back that was acknowledged where it had gone"],
  [
    1303110,
    "a node that was given a job forgot its acknowledgement before the giver knew of either",
  ],
  [1296031, "a leaving node that had started again gave its copy away for one that was never made"],
  [
    1281055,
    "an acknowledgement was expected to wait for a log without its end that nobody counted on",
  ],
  [1285168, "a leaving node was expected to give its jobs to one who does not know their holders"],
  [
    1403847,
    "a copy was struck out of the next keeper's list by late news of its node's empty start",
  ],
  [1223128, "WORKING was forgotten when the job was already on its way to the same node once more"],
  [1327910, "who had stood still was expected to know at once what is not wanted any more"],
  [1231598, "a keeper was expected to count less on a node that was not found dead yet"],
  [910000186, "a copy was expected where it was asked for by who was no keeper before it arrived"],
  [910000087, "a holder that got its copy late delivered a job after its FASTACK"],
  [1117993, "a job delivered at most once was queued by hand again after its delivery was lost"],
];

/** The life in haste in which a judge was found to be wrong about who has not answered yet. */
const restless = (config: ClusterConfig): ClusterConfig => ({
  ...withoutFeatures(config, new Set(HASTE)),
  features: new Set(FEATURES.filter((feature) => RESTLESS.has(feature))),
  nodes: 3,
  nodeTimeoutMs: 700,
  faultPaceMs: 700,
  repairDelayMs: 300,
  retrySecondsMax: 10,
  consumers: 1,
});
const RESTLESS: ReadonlySet<string> = new Set([
  ...["at most once", "counts", "delays", "dequeues", "no hang", "producers leave", "slow work"],
  ...["timeouts", "wandering acks", "clock drift", "delay spikes", "machine failures", "crashes"],
  ...["one-way partitions", "slow turns", "stopped processes", "logs", "torn logs", "absences"],
]);

/** They live as they did then: the first ones are from before there were logs, or logs without an end. */
const without =
  (...features: readonly string[]) =>
  (config: ClusterConfig) =>
    withoutFeatures(config, new Set(features));

function relive(seed: number, what: string, change: ReturnType<typeof without>): void {
  test(`seed ${seed}: ${what}, and does so no longer`, () => {
    const { failure, news } = liveCluster(seed, { change });
    assert.equal(failure, undefined, `${news.slice(-20).join("\n")}\n${failure?.stack}`);
  });
}

for (const [seed, what] of found)
  relive(seed, what, without("logs", "torn logs", ...TRIALS, ...HASTE));
for (const [seed, what] of foundWithLogs)
  relive(seed, what, without("torn logs", ...TRIALS, ...HASTE));
for (const [seed, what] of foundWithTornLogs)
  relive(seed, what, without("changes meanwhile", ...TRIALS, ...HASTE));
for (const [seed, what] of foundBeforeTrials) relive(seed, what, without(...TRIALS, ...HASTE));
relive(1021470, "a copy was expected where what was asked is not answered yet", restless);
for (const [seed, what] of foundInHaste) relive(seed, what, inHaste);
for (const [seed, what] of foundAsTheyAre) relive(seed, what, without());
