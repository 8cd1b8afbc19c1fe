"""What the pages are made of: workflows as an author has them, one that means harm, and one that is large."""

PROJECT = """\
team: churn
source: churn-model
"""

RETRAIN = """\
workflow: retrain
description: Pull, clean and retrain one model per customer.
schedule: { cron: "30 2 * * *", timezone: Europe/Prague }
start_date: 2026-01-01
catchup: true
defaults:
  image: docker.io/library/busybox:1.37.0
  retries: 2
  resources: { requests: { cpu: 500m, memory: 2Gi } }
tasks:
  pull: { args: [pull] }
  list_customers: { args: [list], output: true, needs: [pull] }
  end: { args: [report], needs: [models, score], retries: 5 }
  score:
    args: [score, "${{ each.customer }}"]
    for_each: { customer: "${{ tasks.list_customers.output }}" }
groups:
  models:
    needs: [list_customers]
    for_each: { region: [eu, us, asia] }
    max_parallel: 2
    tasks:
      clean: { args: [clean, "${{ each.region }}"], trigger_rule: always }
      train: { args: [train, "${{ each.region }}"], needs: [clean], resources: { requests: { cpu: 2, memory: 8Gi } } }
"""

HARM = "</script><script>window.harmed=1</script><img src=x onerror=window.harmed=1>\\\"'`<!--"

HOSTILE = f"""\
workflow: hostile
description: "{HARM}\\u202Egnp.exe\\u2066 \\u2028 &lt;b&gt; ${{{{ team }}}}"
schedule: {{ preset: daily }}
start_date: 2026-01-01
tags: ["{HARM}"]
tasks:
  run:
    image: docker.io/library/busybox:1.37.0
    args: ["{HARM}", "javascript:window.harmed=1", "\\u202Eback"]
    env: {{ NAME: "{HARM}", URL: "https://example.com/pixel.png" }}
"""


def large(tasks: int) -> str:
    """Write a workflow of five stages for each customer, all written out."""
    stages = ["extract", "clean", "train", "score", "report"]
    lines = ["workflow: large", "schedule: { preset: daily }", "start_date: 2026-01-01"]
    lines += ["defaults: { image: docker.io/library/busybox:1.37.0 }", "tasks:"]
    for at, stage in enumerate(stages):
        for number in range(tasks // len(stages)):
            needs = f", needs: [{stages[at - 1]}_{number:04}]" if at else ""
            lines.append(f"  {stage}_{number:04}: {{ args: [{stage}, c{number}]{needs} }}")
    return "\n".join(lines) + "\n"
