/** What `--help` prints. */
export const usage = `
Usage
  dms-upgrade                        the dashboard, on your cluster
  dms-upgrade --lab[=N]              the dashboard, on a practice cluster of N Agents
  dms-upgrade agents                 the cluster: names, states, versions, roles, and what is wrong
  dms-upgrade inspect PACKAGE        what is in a package; --verify reads every byte
  dms-upgrade path FROM TO           may one version follow the other, and by which steps
  dms-upgrade check PACKAGE          are all Agents ready for it; nothing is changed on any of them
  dms-upgrade upload PACKAGE         upload only: upload and prerequisites
  dms-upgrade upgrade PACKAGE        the whole upgrade
  dms-upgrade runs                   the history of runs
  dms-upgrade attach [RUN]           come back to a run: on a terminal the dashboard, else its events
  dms-upgrade stop [RUN]             ask a run to start nothing new
  dms-upgrade retry [RUN]            go on with an interrupted run, or try once more what is not done
  dms-upgrade end [RUN]              give a run up that was interrupted or went wrong
  dms-upgrade serve                  on an Agent: the service through which it is reached by HTTPS
  dms-upgrade serve token            make a token for whoever is to use that service; it is shown once
  dms-upgrade serve tokens           the tokens: ids, names, scopes, until when they are good
  dms-upgrade serve revoke ID        make a token good for nothing, at once
  dms-upgrade lab                    a practice cluster in the foreground; prints its inventory

Flags
  --json                  one JSON object, or one run event a line
  --ascii                 draw with ASCII characters only
  --help, --version

Which cluster
  --lab[=N]               a practice cluster; it ends with the command, or with the run that goes on there
  --config FILE           of this file, in YAML, or in JSON as the lab prints it; without it of clusters.yaml
                          in your configuration folder, such as ~/.config/dms-upgrade
  --cluster NAME          this one, where there are several in the file
  --accept-new-host-keys  trust servers whose host key is not known yet, and remember it, without asking;
                          one that has changed or was revoked is refused all the same

Flags of agents
  --discover HOST         ask one Agent, [USER@]HOST[:PORT], who the others are, and print the cluster as YAML
                          https://HOST[:PORT] asks the service of dms-upgrade there
  --identity-file FILE --host-key SHA256:…
  --token-file FILE       how to reach HOST, where no file says so
  --discover-web https://[USER@]HOST[:PORT]
                          ask DataMiner's own web API there, for which nothing has to be installed, with the
                          password of USER (Administrator), which is asked for
  --write [FILE]          add the cluster to your clusters.yaml, or to FILE, instead of printing it

Flags of check
  --prerequisites         run the prerequisites of the package, too, and leave nothing of them
  --agent, --failover-policy, as for upgrade

Flags of upload and upgrade
  --agent NAME            only this Agent; repeat it for more; none means all Agents in the cluster
  --option NAME=true|false
                          ExtractAllFiles, DelayedStart, AutomaticStartServices, StopSNMP, RebootAfterUpgrade
  --failover-policy P     UseDefault, Simultaneously, BackupFirst, BackupFirstWithSwitchback
  --launch agents|cluster
                          who launches: dms-upgrade, Agent by Agent, or one Agent for the whole cluster
  --bandwidth RATE        for all uploads together: 20M, 500K (bytes per second) or 100Mbit (bits)
  --plan                  print the plan and stop
  --yes                   do not ask
  --detach                do not follow the run; it goes on in its own process in any case
  --take-over-lock        take Agents over from another run that died without giving its locks back
  --fault NAME@AGENT      in the lab: let something go wrong; repeat it for more

Flags of lab
  --agents N --pairs N    how many Agents, and how many Failover pairs among them
  --port BASE             the port of the first Agent; without it any free ports
  --software FILE         versions, software and settings of single Agents, in JSON (README)
  --http all|half|NAME,…  Agents that are reached by the HTTP service on them instead of over SSH; with --lab, too
  --web-api all|half|NAME,…
                          Agents whose web API of DataMiner can be asked for the cluster
  --speed X               how much faster than in reality time runs
  --linger SECONDS        how long a lab that outlived its command stays with nobody on it; 30 without it

Flags of serve
  --host ADDRESS          where it listens; 127.0.0.1 unless you say so, 0.0.0.0 is every address
  --port PORT             8443 unless you say so
  --certificate FILE --key FILE
                          of a CA, as PEM; without them the service makes its own and prints its fingerprint
  --plain-http            without TLS; on loopback only
  --failover              this Agent is one of a Failover pair
  --switch-over PROGRAM   what brings it online; repeat it for each argument
  --log FILE              the log, one JSON object a line, instead of on stdout; FILE.1 is the one before
  --folder FOLDER         where its tokens and its certificate are
  --practice FOLDER       for trials on another system than Windows: FOLDER/C stands for drive C:, and
                          FOLDER/programs holds what stands for its programs

Flags of serve token
  --name NAME             who uses it
  --scope read|upload|upgrade
                          what it allows; each one allows what stands before it, too
  --expires 30d           for how long it is good: minutes (m), hours (h) or days (d); 30d unless you say so

Exit codes
  0 done · 1 wrong use or unreadable input · 2 a check blocked it, nothing was changed
  3 at least one Agent failed · 4 stopped by the operator · 5 could not reach or trust an Agent
  6 outcome unknown for at least one Agent
`;
