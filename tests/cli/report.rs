//! What a reviewer reads beside a pull request. `UPDATE_GOLDEN=1 cargo test --test cli report` writes `fixtures/reports` anew: read it.

use std::path::Path;

use crate::ground::{Ground, Ran, run};

const PLATFORM: &str = "platform: acme
target: { airflow: \"3.1\" }
images: [\"registry.acme.example/*\"]
profiles:
  production: { pod: { nodeSelector: { pool: production } } }
";
const CHURN: &str = "team: churn
repositories:
  - { id: 7, name: acme/churn-model, source: churn-model }
  - { id: 9, name: acme/churn-reports, source: churn-reports }
members: [ada]
limits: { deletions: 1 }
";
const ADS: &str = "team: ads\nrepositories: [{ id: 8, name: acme/ads, source: reports }]\n";

const RETRAIN: &str = "workflow: daily-retrain
description: Retrain one model per customer.
schedule: { cron: \"0 3 * * *\", timezone: Europe/Prague }
start_date: 2026-01-01
max_active_tasks: 64
defaults:
  image: registry.acme.example/churn:1.4.2
  profile: production
  resources: { requests: { cpu: 500m, memory: 2Gi }, limits: { memory: 2Gi } }
tasks:
  list_late: { args: [late], output: true }
  report: { args: [report], needs: [retrain], trigger_rule: all_done }
  notify_late:
    args: [late, \"${{ each.customer.id }}\"]
    for_each: { customer: \"${{ tasks.list_late.output }}\" }
    max_parallel: 4
groups:
  retrain:
    for_each: { customer: { file: customers.csv, key: id } }
    tasks:
      clean: { args: [clean, \"${{ each.customer.id }}\"] }
      train: { args: [train, \"${{ each.customer.id }}\"], needs: [clean] }
";
const WEEKLY: &str = "workflow: weekly-report
schedule: { cron: \"0 7 * * MON\" }
start_date: 2026-01-01
defaults: { image: \"registry.acme.example/churn:1.4.2\", resources: { requests: { cpu: 250m, memory: 512Mi } } }
tasks:
  collect: { args: [collect] }
  mail: { args: [mail], needs: [collect] }
";
const SPEND: &str = "workflow: spend
schedule: { cron: \"0 9 * * *\", timezone: Europe/Prague }
start_date: 2026-01-01
tasks:
  churn: { wait_for: { workflow: churn/daily-retrain, offset: 6h } }
  sum: { image: \"registry.acme.example/ads:2\", needs: [churn] }
";

const NEW: &str = "workflow: score
schedule: none
start_date: 2026-01-01
tasks:
  end: { image: \"registry.acme.example/churn:1.4.2\", resources: { requests: { cpu: 2, memory: 4Gi, nvidia.com/gpu: 1 }, limits: { nvidia.com/gpu: 1 } } }
";

const PAST: &str = "workflow: backfill
schedule: { cron: \"0 3 * * *\" }
start_date: 2025-01-01
end_date: 2026-06-01
catchup: true
tasks:
  load: { image: \"registry.acme.example/churn:1.4.2\" }
";

/// A workflow of which a warning is told.
const HOURLY: &str = "workflow: hourly
schedule: { preset: hourly }
start_date: 2026-01-01
tasks:
  load: { image: \"registry.acme.example/load:1\", args: [\"${{ run.data_interval_start }}\"] }
";

/// A change of the project in `churn`.
type Edit = fn(&Ground);

const CASES: &[(&str, Edit)] = &[
    ("added", |ground| ground.write("churn/workflows/score.yaml", NEW)),
    ("schedule", |ground| ground.edit("churn/workflows/retrain.yaml", "0 3 * * *", "30 4 * * 1-5")),
    ("fewer-runs", |ground| ground.edit("churn/workflows/retrain.yaml", "0 3 * * *", "0 3 * * 1-5")),
    ("catchup", |ground| ground.write("churn/workflows/backfill.yaml", PAST)),
    ("unscheduled", |ground| ground.edit("churn/workflows/weekly.yaml", "{ cron: \"0 7 * * MON\" }", "none")),
    ("values", |ground| {
        let script = |last: &str| format!("set -eu\\n{}exec mail {last}", "echo sending\\n".repeat(30));
        let before = format!("  collect: {{ args: [\"a b\"] }}\n  mail: {{ command: [sh, -c, \"{}\"]", script("--dry-run"));
        let after =
            format!("  collect: {{ args: [a, b], env: {{ TOKEN: \"\" }} }}\n  mail: {{ command: [sh, -c, \"{}\"]", script("--really"));
        ground.edit("churn/workflows/weekly.yaml", "  collect: { args: [collect] }\n  mail: { args: [mail]", &before);
        ask(ground, "churn", &["publish"]).expect_code(0);
        ground.edit("churn/workflows/weekly.yaml", &before, &after);
    }),
    ("alike", |ground| {
        let file = |name: &str| format!("churn/workflows/{name}.yaml");
        let names = ["a", "b", "c", "d", "other"];
        let text =
            |name: &str| HOURLY.replace("workflow: hourly", &format!("workflow: {name}")).replace("data_interval_start", "logical_date");
        names.iter().for_each(|name| ground.write(&file(name), text(name)));
        ask(ground, "churn", &["publish"]).expect_code(0);
        names.iter().for_each(|name| ground.edit(&file(name), "load:1", "load:2"));
        ground.edit(&file("other"), "preset: hourly", "preset: daily");
    }),
    ("warned-before", |ground| {
        ground.write("churn/workflows/hourly.yaml", HOURLY);
        ask(ground, "churn", &["publish"]).expect_code(0);
        ground.edit("churn/workflows/weekly.yaml", "0 7 * * MON", "0 8 * * MON");
        let why = "args: [\"${{ run.data_interval_start }}\"] } # freehold: allow FH0364 because only the day counts";
        ground.write(
            "churn/workflows/other.yaml",
            HOURLY.replace("workflow: hourly", "workflow: other").replace("args: [\"${{ run.data_interval_start }}\"] }", why),
        );
    }),
    ("removed", |ground| {
        fs_err::remove_file(ground.path("churn/workflows/weekly.yaml")).expect("deleted");
        ground.write("churn/freehold.yaml", "team: churn\nsource: churn-model\nretire: [weekly-report]\n");
    }),
    ("removed-though-waited-for", |ground| {
        fs_err::remove_file(ground.path("churn/workflows/retrain.yaml")).expect("deleted");
        ground.write("churn/freehold.yaml", "team: churn\nsource: churn-model\nretire: [daily-retrain]\n");
    }),
    ("renamed", |ground| {
        ground.edit("churn/workflows/weekly.yaml", "workflow: weekly-report", "workflow: monday-report\nrenamed_from: weekly-report");
    }),
    ("renamed-unsaid", |ground| ground.edit("churn/workflows/weekly.yaml", "workflow: weekly-report", "workflow: monday-report")),
    ("fan-out", |ground| ground.write("churn/workflows/customers.csv", customers(5000))),
    ("resources", |ground| {
        ground.edit("churn/workflows/retrain.yaml", "cpu: 500m, memory: 2Gi }, limits", "cpu: 1, memory: 3Gi }, limits");
        ground.edit("churn/workflows/retrain.yaml", "memory: 2Gi } }", "memory: 3Gi } }");
        ground.edit("churn/workflows/retrain.yaml", "max_parallel: 4", "max_parallel: 8");
    }),
    ("tasks", |ground| {
        ground.edit(
            "churn/workflows/weekly.yaml",
            "  mail: { args: [mail], needs: [collect] }",
            "  post: { args: [post], needs: [collect] }",
        );
    }),
    ("policy", |ground| {
        ground.edit("churn/workflows/weekly.yaml", "registry.acme.example/churn:1.4.2", "docker.io/evil/<b>@acme/all</b>:1");
    }),
    ("not-compiled", |ground| {
        ground.edit("churn/workflows/weekly.yaml", "  mail: {", "  mail: { retrys: 2,");
        ground.edit("churn/workflows/retrain.yaml", "0 3 * * *", "0 5 * * *");
        ground.write("churn/workflows/score.yaml", NEW);
    }),
    ("nothing", |ground| ground.edit("churn/workflows/weekly.yaml", "workflow: weekly", "# Said again.\nworkflow: weekly")),
];

fn customers(count: usize) -> String {
    let rows = (0..count).map(|number| format!("c{number:04}\n"));
    std::iter::once("id\n".to_owned()).chain(rows).collect()
}

fn lay_out(ground: &Ground) {
    let _ = fs_err::remove_dir_all(ground.path("churn"));
    ground.write("churn/freehold.yaml", "team: churn\nsource: churn-model\n");
    ground.write("churn/workflows/retrain.yaml", RETRAIN);
    ground.write("churn/workflows/customers.csv", customers(100));
    ground.write("churn/workflows/weekly.yaml", WEEKLY);
    ground.write("ads/freehold.yaml", "team: ads\nsource: reports\n");
    ground.write("ads/workflows/spend.yaml", SPEND);
}

fn ask(ground: &Ground, project: &str, arguments: &[&str]) -> Ran {
    let (id, name) = match project {
        "churn" => ("7", "acme/churn-model"),
        "ads" => ("8", "acme/ads"),
        _ => ("9", "acme/churn-reports"),
    };
    let who = ["--repository-id", id, "--repository", name, "--ref", "refs/heads/main", "--event", "push"];
    run(ground.binary().args(arguments).args([project, "--central", "dags.git"]).args(who))
}

fn company() -> Ground {
    let ground = Ground::empty();
    ground.write("seed/platform.yaml", PLATFORM);
    ground.write("seed/teams/churn.yaml", CHURN);
    ground.write("seed/teams/ads.yaml", ADS);
    ground.commit("seed", "Two teams");
    ground.git(".", &["clone", "--quiet", "--bare", "seed", "dags.git"]);
    lay_out(&ground);
    ask(&ground, "churn", &["publish"]).expect_code(0);
    ask(&ground, "ads", &["publish"]).expect_code(0);
    ground
}

const REPORT: [&str; 5] = ["plan", "--format", "markdown", "--from", "2026-11-25T00:00:00Z"];

#[track_caller]
fn expect_golden(name: &str, ground: &Ground, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/reports/{name}.md"));
    let tip = ground.git("dags.git", &["rev-parse", "main"]);
    let text = text.replace(&tip[..12], "0123456789ab");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs_err::create_dir_all(path.parent().expect("it has one")).expect("made");
        fs_err::write(&path, &text).expect("written");
    }
    let golden = fs_err::read_to_string(&path).unwrap_or_default();
    assert!(golden == text, "fixtures/reports/{name}.md differs from\n{text}");
}

#[test]
fn a_report_of_a_plan_tells_each_kind_of_change() {
    let ground = company();
    let published = ground.git("dags.git", &["rev-parse", "main"]);
    for (name, edit) in CASES {
        ground.git("dags.git", &["update-ref", "refs/heads/main", &published]);
        lay_out(&ground);
        edit(&ground);
        let ran = ask(&ground, "churn", &REPORT);
        assert_eq!(
            ran.code,
            i32::from(["policy", "removed-though-waited-for", "not-compiled"].contains(name)),
            "{name}: {}{}",
            ran.stderr,
            ran.stdout
        );
        expect_golden(name, &ground, &ran.stdout);
    }
}

#[test]
fn a_report_of_a_transfer_names_both_owners() {
    let ground = company();
    let given = "give: [{ workflows: [weekly-report], to: churn/churn-reports }]\n";
    ground.write("churn/freehold.yaml", format!("team: churn\nsource: churn-model\n{given}"));
    ask(&ground, "churn", &["publish"]).expect_code(0);
    ground.write("reports/freehold.yaml", "team: churn\nsource: churn-reports\n");
    let taken = WEEKLY.replace("workflow: weekly-report", "workflow: weekly-mail\ntaken_from: churn/weekly-report");
    ground.write("reports/workflows/weekly.yaml", taken);
    let ran = ask(&ground, "reports", &REPORT).expect_code(0);
    expect_golden("transferred", &ground, &ran.stdout);
}

#[test]
fn a_report_of_verify_tells_what_the_pull_request_does() {
    let ground = company();
    let base = ground.git("dags.git", &["rev-parse", "main"]);
    ground.edit("churn/workflows/retrain.yaml", "0 3 * * *", "0 5 * * *");
    ask(&ground, "churn", &["publish"]).expect_code(0);
    let verify = |asker: &str| {
        let options = ["verify", "--repo", "dags.git", "--base", &base, "--head", "main", "--team", asker];
        ground.run(&[&options[..], &REPORT[1..], &["--link", "https://git.acme.example/dags/blob/main"]].concat())
    };
    let named = |text: &str| text.replace(&base[..12], "0123456789ab");
    expect_golden("verified", &ground, &named(&verify("churn").expect_code(0).stdout));
    expect_golden("verified-of-others", &ground, &named(&verify("ads").expect_code(1).stdout));
}

#[test]
fn a_report_of_verify_shows_how_policy_changes() {
    let ground = company();
    let base = ground.git("dags.git", &["rev-parse", "main"]);
    ground.git(".", &["clone", "--quiet", "dags.git", "clone"]);
    ground.edit("clone/platform.yaml", "nodeSelector: { pool: production }", "nodeSelector: { pool: spot }");
    ground.edit("clone/teams/churn.yaml", "members: [ada]", "members: [ada, mallory]");
    ground.write("clone/README.md", "# Ours\n");
    ground.commit("clone", "Other nodes, and one more member");
    let options = ["verify", "--repo", "clone", "--base", &base, "--head", "HEAD", "--platform"];
    let ran = ground.run(&[&options[..], &REPORT[1..]].concat()).expect_code(0);
    expect_golden("verified-policy", &ground, &ran.stdout);
}

#[test]
fn the_plan_beside_a_report_is_told_in_its_first_lines() {
    let ground = company();
    for number in 0..60 {
        ground.write(&format!("churn/workflows/n{number}.yaml"), NEW.replace("workflow: score", &format!("workflow: n{number}")));
    }
    let ran = ask(&ground, "churn", &REPORT).expect_code(0);
    assert!(ran.stdout.contains("60 added") && ran.stderr.contains("n0 (new)"), "{}", ran.stderr);
    assert!(ran.stderr.lines().count() < 60 && ran.stderr.contains("… and 72 more lines"), "{}", ran.stderr);
}
