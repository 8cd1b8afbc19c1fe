//! Threats that are met before anything leaves the author's machine: `check` and `publish` refuse them, or make them harmless.

use crate::ground::{Ground, Ran};

const TASKS: &str = "defaults: { image: registry.example.com/x:1 }\ntasks: { hello: { args: [hello] } }\n";

/// Writes a workflow's file into the project.
fn workflow(ground: &Ground, name: &str, text: &str) {
    ground.write(&format!("my-models/workflows/{name}.yaml"), text);
}

/// Refused by `check` and by `publish`, which leaves everything as it was.
#[track_caller]
fn refused(ground: &Ground, code: &str) -> Ran {
    let ran = ground.unchanged(|ground| ground.run(&["check", "my-models"])).expect_refusal(code);
    ground.unchanged(|ground| ground.ask(&["publish"])).expect_refusal("FH");
    ran
}

#[test]
fn t04_two_workflows_that_kubernetes_takes_for_one_are_refused_and_pods_of_two_teams_never_meet() {
    let ground = Ground::with_central();
    workflow(&ground, "a_b", &format!("workflow: a_b\n{TASKS}"));
    workflow(&ground, "a-b", &format!("workflow: a-b\n{TASKS}"));
    refused(&ground, "FH0315");
    fs_err::remove_file(ground.path("my-models/workflows/a-b.yaml")).expect("removed");
    let pods = ground.run(&["preview", "my-models", "--what", "pods", "--format", "json"]).expect_code(0).json();
    let pods = pods["pods"].as_array().expect("a list").clone();
    assert!(pods.iter().all(|pod| pod["pod"]["metadata"]["namespace"] == "my-models"), "a team's pods run in its own namespace");
}

#[test]
fn t05_joins_that_could_mean_two_things_do_not_exist() {
    for (team, name) in [("a__b", "c"), ("a-", "b"), ("a--b", "c"), ("a_b", "c")] {
        let ground = Ground::with_central();
        ground.edit("my-models/freehold.yaml", "team: my-models", &format!("team: {team}"));
        ground.unchanged(|ground| ground.run(&["check", "my-models"])).expect_code(1);
        let _ = name;
    }
    for name in ["a__b", "-a", "a--b", "a-_b", "_a", "a_"] {
        let ground = Ground::with_central();
        workflow(&ground, "odd", &format!("workflow: {name}\n{TASKS}"));
        refused(&ground, "FH0");
    }
}

#[test]
fn t06_a_name_that_is_too_long_is_refused_and_never_cut() {
    let ground = Ground::with_central();
    workflow(&ground, "long", &format!("workflow: {}\n{TASKS}", "w".repeat(64)));
    let ran = refused(&ground, "FH0");
    assert!(ran.stderr.contains("63"), "{}", ran.stderr);
    let task = "t".repeat(55);
    workflow(
        &ground,
        "long",
        &format!("workflow: long\ndefaults: {{ image: registry.example.com/x:1 }}\ntasks: {{ {task}: {{ args: [x] }} }}\n"),
    );
    let ran = refused(&ground, "FH0");
    assert!(ran.stderr.contains("54"), "{}", ran.stderr);
}

#[test]
fn t24_look_alikes_and_bidirectional_controls_are_refused() {
    for text in [
        format!("workflow: d\u{430}ily\n{TASKS}"),
        format!("workflow: daily # \u{202e}\n{TASKS}"),
        format!("workflow: daily\u{200b}\n{TASKS}"),
    ] {
        let ground = Ground::with_central();
        workflow(&ground, "odd", &text);
        refused(&ground, "FH0");
    }
    let ground = Ground::with_central();
    workflow(&ground, "d\u{430}ily", &format!("workflow: daily\n{TASKS}"));
    refused(&ground, "FH0319");
}

#[test]
fn t25_a_newline_at_the_end_of_a_name_is_refused() {
    let ground = Ground::with_central();
    workflow(&ground, "odd", &format!("workflow: \"daily\\n\"\n{TASKS}"));
    refused(&ground, "FH0");
    workflow(&ground, "odd", &format!("workflow: |\n  daily\n{TASKS}"));
    refused(&ground, "FH0");
}

#[test]
fn t26_bombs_and_what_two_versions_of_yaml_read_differently_are_refused_at_once() {
    let aliases = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned()
        + &(b'b'..b'k')
            .map(|letter| format!("{0}: &{0} [{1}]\n", letter as char, format!("*{},", (letter - 1) as char).repeat(9)))
            .collect::<String>();
    let deep = format!("workflow: deep\nparams: {}{}\n", "[".repeat(5000), "]".repeat(5000));
    let huge = format!("workflow: huge\ndescription: {}\n", "x".repeat(2 << 20));
    let twice = format!("workflow: twice\nworkflow: twice\n{TASKS}");
    let tag = format!("workflow: !!python/object:os.system x\n{TASKS}");
    let norway = format!("workflow: norway\nvars: {{ country: no }}\n{TASKS}");
    for text in [aliases, deep, huge, twice, tag, norway] {
        let ground = Ground::with_central();
        workflow(&ground, "odd", &text);
        let start = std::time::Instant::now();
        refused(&ground, "FH0");
        assert!(start.elapsed().as_secs() < 20, "a bomb went off: {}", &text[..20]);
    }
}

/// What a hostile author would write into every text that there is.
const BREAKOUTS: [&str; 6] =
    ["'''+__import__('os').system('id')+'''", "\\\"\\\"\\\"\\nimport os\\n", "\\\\", "\\u2028import os", "#}{% raw %}", "x\\r\\nimport os"];

#[test]
fn t27_no_text_breaks_out_into_the_generated_python() {
    let ground = Ground::with_central();
    for (at, text) in BREAKOUTS.iter().enumerate() {
        let texts = format!("description: \"{text}\"\ntags: [\"{text}\"]\nvars: {{ v: \"{text}\" }}\n");
        let task = format!("tasks: {{ hello: {{ description: \"{text}\", args: [\"{text}\"], env: {{ V: \"{text}\" }} }} }}\n");
        workflow(&ground, &format!("w{at}"), &format!("workflow: w{at}\n{texts}defaults: {{ image: registry.example.com/x:1 }}\n{task}"));
    }
    ground.run(&["compile", "my-models", "-o", "out"]).expect_code(0);
    for at in 0..BREAKOUTS.len() {
        let code = ground.read(&format!("out/dags/my-models/w{at}.py"));
        let parsed = ruff_python_parser::parse_module(&code).expect("it is Python");
        let imports = parsed.syntax().body.iter().filter(|line| line.is_import_stmt()).count();
        assert_eq!(imports, 0, "only `from … import …` of ours: {code}");
        assert!(!code.lines().any(|line| line.trim_start().starts_with("import os")), "{code}");
    }
}

#[test]
fn t28_templates_are_not_smuggled_through_texts() {
    let ground = Ground::with_central();
    workflow(&ground, "odd", &format!("workflow: odd\ndescription: \"{{{{ var.value.secret }}}}\"\ntags: [\"{{% raw %}}\"]\n{TASKS}"));
    // A description is shown, and nothing fills it in.
    ground.run(&["check", "my-models", "--central", "dags.git"]).expect_code(0);
    workflow(
        &ground,
        "odd",
        "workflow: odd\ndefaults: { image: registry.example.com/x:1 }\ntasks: { hello: { args: [\"{{ var.value.secret }}\"], env: { A: \"{% set x = 1 %}\" } } }\n",
    );
    ground.unchanged(|ground| ground.run(&["check", "my-models", "--central", "dags.git"])).expect_refusal("FH0");
}

#[test]
fn t57_t58_a_plan_tells_what_a_rename_and_a_return_mean_for_runs() {
    let ground = Ground::with_central();
    workflow(&ground, "weekly", &format!("workflow: weekly\n{TASKS}"));
    ground.ask(&["publish"]).expect_code(0);
    fs_err::remove_file(ground.path("my-models/workflows/weekly.yaml")).expect("removed");
    workflow(&ground, "monthly", &format!("workflow: monthly\nrenamed_from: weekly\n{TASKS}"));
    let ran = ground.ask(&["plan"]).expect_code(0);
    assert!(ran.stderr.contains("FH0721") && ran.stderr.contains("`my-models__monthly` starts without the runs"), "{}", ran.stderr);
    ground.ask(&["publish"]).expect_code(0);
    ground.edit("my-models/workflows/monthly.yaml", "renamed_from: weekly\n", "");
    let schedule = "schedule: { preset: daily }\nstart_date: 2020-01-01\ncatchup: true\n";
    workflow(&ground, "weekly", &format!("workflow: weekly\n{schedule}{TASKS}"));
    let ran = ground.ask(&["plan"]).expect_code(0);
    assert!(ran.stderr.contains("FH0722") && ran.stderr.contains("catchup: false"), "{}", ran.stderr);
}

#[test]
fn t60_secrets_are_refused_before_they_are_published_and_by_the_verifier() {
    let ground = Ground::with_central();
    ground.ask(&["publish"]).expect_code(0);
    // Put together here, so that this file holds none.
    let token = format!("ghp_{}", "a1B2c3D4e5".repeat(4));
    workflow(&ground, "odd", &format!("workflow: odd\n# {token}\n{TASKS}"));
    let ran = refused(&ground, "FH0332");
    assert!(ran.stderr.contains("revoke it"), "{}", ran.stderr);
    ground.git(".", &["clone", "--quiet", "dags.git", "clone"]);
    ground.write("clone/sources/my-models/own/freehold.yaml", "team: my-models\nsource: own\n");
    ground.write("clone/sources/my-models/own/workflows/odd.yaml", format!("workflow: odd\nvars: {{ token: {token} }}\n{TASKS}"));
    ground.commit("clone", "a secret");
    let verify = ["verify", "--repo", "clone", "--base", "refs/remotes/origin/main", "--head", "HEAD", "--team", "my-models"];
    ground.run(&verify).expect_refusal("FH0332");
}

#[test]
fn t61_the_same_files_give_the_same_bytes_whatever_the_surroundings() {
    let ground = Ground::with_central();
    let compile = |out: &str, variables: &[(&str, &str)]| {
        let mut command = ground.binary();
        command.args(["compile", "my-models", "-o", out]).envs(variables.iter().copied());
        crate::ground::run(&mut command).expect_code(0);
        ground.everything(out).into_values().collect::<Vec<_>>()
    };
    let plain = compile("out", &[]);
    let odd =
        compile("other", &[("LC_ALL", "tr_TR.UTF-8"), ("TZ", "Pacific/Kiritimati"), ("RAYON_NUM_THREADS", "1"), ("HOME", "/nonexistent")]);
    assert_eq!(plain, odd);
}

#[test]
fn t29_a_change_of_policy_tells_whom_it_concerns_before_it_lands() {
    let ground = Ground::with_central();
    ground.edit("my-models/workflows/hello.yaml", "workflow: hello\n", "workflow: hello\n");
    ground.ask(&["publish"]).expect_code(0);
    ground.git(".", &["clone", "--quiet", "dags.git", "clone"]);
    ground.edit("clone/platform.yaml", "airflow: \"3.1\"", "airflow: \"2.11\"");
    ground.commit("clone", "Go back to 2.11");
    let verify = ["verify", "--repo", "clone", "--base", "refs/remotes/origin/main", "--head", "HEAD", "--platform"];
    let ran = ground.run(&verify).expect_code(0);
    assert!(ran.stderr.contains("whom the new `platform.yaml` concerns was not looked at"), "{}", ran.stderr);
    let ran = ground.run(&[&verify[..], &["--affected"]].concat()).expect_code(0);
    assert!(ran.stderr.contains("FH0816") && ran.stderr.contains("dags/my-models/hello.py"), "{}", ran.stderr);
    ground.git("clone", &["reset", "--quiet", "--hard", "refs/remotes/origin/main"]);
    ground.edit("clone/teams/my-models.yaml", "team: my-models\n", "team: my-models\nlimits: { workflows: 0 }\n");
    ground.commit("clone", "Less room");
    let ran = ground.run(&verify).expect_code(0);
    assert!(ran.stderr.contains("does not compile any more"), "a grant concerns its team, without asking: {}", ran.stderr);
}

#[test]
fn t32_a_workflow_called_like_a_module_that_python_loads_by_itself_is_refused() {
    for name in ["conftest", "sitecustomize", "airflow_local_settings"] {
        let ground = Ground::with_central();
        workflow(&ground, "odd", &format!("workflow: {name}\n{TASKS}"));
        let ran = refused(&ground, "FH0301");
        assert!(ran.stderr.contains("is no workflow name"), "{}", ran.stderr);
    }
}
