//! Bad input is refused in words, at its place, and changes nothing: by `check`, and by `compile` and `publish` alike.

use std::os::unix::fs::symlink;

use crate::ground::Ground;

/// A workflow with `tasks` as its last lines.
fn workflow(tasks: &str) -> String {
    format!("workflow: bad\nschedule: none\nstart_date: 2026-01-01\ndefaults: {{ image: \"docker.io/library/busybox:1.37.0\" }}\n{tasks}")
}

fn aliases() -> String {
    let mut text = "vars:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let before = format!("*a{}", level - 1);
        text.push_str(&format!("  a{level}: &a{level} [{}]\n", [&*before; 10].join(", ")));
    }
    workflow(&format!("{text}tasks: {{ one: {{ args: [x] }} }}\n"))
}

/// A small file whose one text would be 90 MB.
fn text_bomb() -> String {
    let (long, used) = ("x".repeat(30_000), "${{ vars.long }}".repeat(3_000));
    workflow(&format!("vars: {{ long: {long} }}\ntasks: {{ one: {{ args: [\"{used}\"] }} }}\n"))
}

#[track_caller]
fn is_refused(name: &str, ground: &Ground, code: &str) {
    for command in [&["check", "my-models"][..], &["compile", "my-models", "-o", "out"], &["preview", "my-models"]] {
        let with_policy = [command, &["--central", "dags.git"]].concat();
        let ran = ground.unchanged(|ground| ground.run(&with_policy)).expect_refusal(code);
        // A preview shows what is good.
        assert!(ran.stdout.is_empty() || command[0] == "preview" && !ran.stdout.contains("bad"), "{name}: {}", ran.stdout);
    }
    for command in ["plan", "publish"] {
        let ran = ground.unchanged(|ground| ground.ask(&[command])).expect_refusal(code);
        assert_eq!(ran.stdout, "", "{name}");
    }
}

#[test]
fn bad_files_are_refused_by_every_command_and_nothing_changes() {
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("empty", Vec::new(), "FH0103"),
        ("not UTF-8", b"workflow: caf\xe9\n".to_vec(), "FH0102"),
        ("a NUL", b"workflow: a\0b\n".to_vec(), "FH0110"),
        ("too big", [workflow("tasks: { one: { args: [x] } }\n").as_bytes(), &vec![b'#'; 1_100_000]].concat(), "FH0104"),
        ("too deep", workflow(&format!("tasks: {}x{}\n", "[".repeat(5000), "]".repeat(5000))).into_bytes(), "FH0104"),
        ("a key twice", workflow("tasks: { one: { args: [x] }, one: { args: [y] } }\n").into_bytes(), "FH0106"),
        ("an alias bomb", aliases().into_bytes(), "FH0104"),
        ("a text bomb", text_bomb().into_bytes(), "FH0104"),
        ("a cycle", workflow("tasks: { one: { args: [x], needs: [two] }, two: { args: [x], needs: [one] } }\n").into_bytes(), "FH0305"),
        ("an unknown need", workflow("tasks: { one: { args: [x], needs: [tow] } }\n").into_bytes(), "FH0304"),
        ("an unknown profile", workflow("tasks: { one: { args: [x], profile: prodution } }\n").into_bytes(), "FH0501"),
        ("an unknown pool", workflow("tasks: { one: { args: [x], pool: nowhere } }\n").into_bytes(), "FH0505"),
        ("a name that leaves its folder", b"workflow: ../../ads/steal\nschedule: none\n".to_vec(), "FH0204"),
        ("a name that is Python", workflow("tasks: { \"x'); import os; ('\": { args: [x] } }\n").into_bytes(), "FH0301"),
    ];
    let ground = Ground::with_central();
    for (name, bytes, code) in cases {
        ground.write("my-models/workflows/bad.yaml", bytes);
        is_refused(name, &ground, code);
    }
}

#[test]
fn a_workflow_file_that_cannot_be_read_is_refused() {
    let ground = Ground::with_central();
    symlink("/etc/passwd", ground.path("my-models/workflows/bad.yaml")).expect("linked");
    is_refused("a link out of the project", &ground, "FH0101");
}

#[test]
fn text_that_would_break_out_of_python_stays_text() {
    let ground = Ground::with_project();
    let evil = r#"\"\"\"); import os; os.system('id') # 1 + 1 '''\\"#;
    ground
        .write("my-models/workflows/bad.yaml", workflow(&format!("description: \"{evil}\"\ntasks: {{ one: {{ args: [\"{evil}\"] }} }}\n")));
    ground.run(&["compile", "my-models", "-o", "out"]).expect_code(0);
    let plain = workflow("description: plain\ntasks: { one: { args: [plain] } }\n").replace("workflow: bad", "workflow: plain");
    ground.write("my-models/workflows/plain.yaml", plain);
    ground.run(&["compile", "my-models", "-o", "out"]).expect_code(0);
    let statements = |name: &str| {
        let module = ground.read(&format!("out/dags/my-models/{name}.py"));
        ruff_python_parser::parse_module(&module).expect("it is Python").into_syntax().body.len()
    };
    assert_eq!(statements("bad"), statements("plain"));
}

#[test]
fn a_broken_project_file_is_refused_by_every_command() {
    let cases = [("", "FH0103"), ("team: [\n", "FH0105"), ("team: a\nteam: b\n", "FH0106"), ("team: ../ads\nsource: x\n", "FH0204")];
    for (text, code) in cases {
        let ground = Ground::with_central();
        ground.write("my-models/freehold.yaml", text);
        is_refused(text, &ground, code);
    }
}
