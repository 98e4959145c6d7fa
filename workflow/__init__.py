"""The engine of processes: diagrams interpreted, cases kept, history chained, jobs run.

It knows no document and no web. What other packages use:

- `workflow.process`: what a process declares, and the registry;
- `workflow.operations`: the verbs (deploy, start_case, complete_task, deliver_message, …);
- `workflow.queries`: inbox, case, timeline, diagram, incidents;
- `workflow.history`: `append`, `record`, `register_kinds`, `verify`, `checkpoint`;
- `workflow.jobs`: `@job`, `defer`, `run_worker`;
- `workflow.checks`: what is refused at deployment;
- `workflow.database`, `clock`, `calendar`, `actor`, `errors`: the foundation.
"""
