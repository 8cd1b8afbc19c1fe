//! `preview --html`: one page, written as a whole or not at all.

use crate::ground::Ground;

const FROM: [&str; 2] = ["--from", "2026-03-20T00:00:00Z"];

#[test]
fn a_page_has_the_workflows_that_were_asked_for() {
    let ground = Ground::with_project();
    let ran = ground.run(&[&["preview", "my-models", "--html", "page.html"], &FROM[..]].concat()).expect_code(0);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("wrote page.html ("), "{}", ran.stderr);
    let page = ground.read("page.html");
    assert!(page.starts_with("<!doctype html>") && page.contains("\"name\":\"my-models/hello\""), "{page}");
    assert!(page.contains("\"workflow\",\"workflows/hello.yaml:") || page.contains("my-models/workflows/hello.yaml:"), "no layers");
    ground.run(&["preview", "my-models", "helo", "--html", "other.html"]).expect_failure("there is no workflow `helo`");
    assert!(!ground.path("other.html").exists());
}

#[test]
fn the_same_files_and_moment_give_the_same_page_in_a_file_and_on_standard_output() {
    let ground = Ground::with_project();
    let page = |file: &str| ground.run(&[&["preview", "my-models", "--html", file], &FROM[..]].concat()).expect_code(0).stdout;
    page("page.html");
    assert_eq!(page("-"), ground.read("page.html"));
}

#[test]
fn an_older_page_is_replaced_and_one_that_cannot_be_made_leaves_it() {
    let ground = Ground::with_project();
    ground.write("page.html", "old");
    ground.edit("my-models/workflows/hello.yaml", "tasks:", "taks:");
    ground.run(&["preview", "my-models", "--html", "page.html"]).expect_refusal("FH0201");
    assert_eq!(ground.read("page.html"), "old");
    ground.edit("my-models/workflows/hello.yaml", "taks:", "tasks:");
    ground.run(&["preview", "my-models", "--html", "page.html"]).expect_code(0);
    assert!(ground.read("page.html").starts_with("<!doctype html>"));
}

#[test]
fn what_cannot_be_written_to_is_refused_with_what_to_do() {
    let ground = Ground::with_project();
    let folder = ground.run(&["preview", "my-models", "--html", "my-models"]).expect_failure("`my-models` is a folder");
    assert!(folder.stderr.contains("preview.html"), "{}", folder.stderr);
    ground.run(&["preview", "my-models", "--html", "out/page.html"]).expect_failure("there is no folder `out`");
    let both = ground.run(&["preview", "my-models", "--html", "page.html", "--what", "pods"]).expect_code(2);
    assert!(both.stderr.contains("cannot be used with"), "{}", both.stderr);
}

#[test]
fn warnings_are_in_the_page() {
    let ground = Ground::with_project();
    ground.edit("my-models/workflows/hello.yaml", "    needs: [hello]", "    needs: [hello]\n    max_parallel: 2");
    ground.edit("my-models/workflows/hello.yaml", "say: {", "say: { trigger_rule: always,");
    ground.run(&["preview", "my-models", "--html", "page.html"]).expect_code(0);
    assert!(ground.read("page.html").contains("{\"code\":\"FH0605\",\"severity\":\"warning\""));
}

#[test]
fn a_page_has_what_is_good_and_the_findings_of_the_rest() {
    let ground = Ground::with_project();
    ground.write("my-models/workflows/broken.yaml", "workflow: broken\ntasks: { one: { image: \"busybox:1.37.0\", needs: [tow] } }\n");
    ground.run(&["preview", "my-models", "--html", "page.html"]).expect_refusal("FH0304");
    let page = ground.read("page.html");
    assert!(page.contains("\"name\":\"my-models/hello\"") && page.contains("{\"code\":\"FH0304\",\"severity\":\"error\""), "{page}");
    assert!(!page.contains("\"name\":\"my-models/broken\""));
}
