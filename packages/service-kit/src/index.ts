// What every service starts with.
export type * from './kit.ts';
export { type Candidate, type CandidateOptions, standFor } from './ownership/candidate.ts';
export { type Owned, PartitionShare, type PartitionShareOptions, type ShareKeys } from './ownership/partition-share.ts';
export { runService, type ServiceDefinition } from './run-service.ts';
