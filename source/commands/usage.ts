/** What `--help` prints. */
export const usage = `
Usage
  dms-upgrade --lab[=N]              the dashboard, on a practice cluster of N Agents
  dms-upgrade inspect PACKAGE        what is in a package; --verify reads every byte
  dms-upgrade path FROM TO           may one version follow the other, and by which steps
  dms-upgrade upload PACKAGE         upload only: upload and prerequisites
  dms-upgrade upgrade PACKAGE        the whole upgrade
  dms-upgrade lab                    a practice cluster in the foreground; prints its inventory

Flags
  --json                  one JSON object, or one run event a line
  --ascii                 draw with ASCII characters only
  --help, --version

Flags of upload and upgrade
  --lab[=N]               on a practice cluster, which ends with the command
  --agent NAME            only this Agent; repeat it for more; none means all Agents in the cluster
  --option NAME=true|false
                          ExtractAllFiles, DelayedStart, AutomaticStartServices, StopSNMP, RebootAfterUpgrade
  --failover-policy P     UseDefault, Simultaneously, BackupFirst, BackupFirstWithSwitchback
  --plan                  print the plan and stop
  --yes                   do not ask
  --fault NAME@AGENT      in the lab: let something go wrong; repeat it for more

Flags of lab
  --agents N --pairs N    how many Agents, and how many Failover pairs among them
  --port BASE             the port of the first Agent; without it any free ports
  --speed X               how much faster than in reality time runs

Exit codes
  0 done · 1 wrong use or unreadable input · 2 a check blocked it, nothing was changed
  3 at least one Agent failed · 4 stopped by the operator · 5 could not reach or trust an Agent
  6 outcome unknown for at least one Agent
`;
