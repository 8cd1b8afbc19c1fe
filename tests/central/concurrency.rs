//! Many publishers at once.

use std::sync::Barrier;

use crate::ground::{Asked, Company};

fn company_of_many() -> Company {
    let company = Company::bare();
    for team in ["churn", "ads"] {
        let sources: Vec<String> = (0..4).map(|n| format!("{{ id: {}, name: acme/s{n}, source: s{n} }}", 10 + n)).collect();
        company.write(&format!("teams/{team}.yaml"), &format!("team: {team}\nrepositories: [{}]\n", sources.join(", ")));
    }
    company.land("grants");
    company
}

#[test]
fn t42_of_eight_publishers_at_once_none_is_lost() {
    let company = company_of_many();
    let sources = ["s0", "s1", "s2", "s3"];
    let asked: Vec<Asked> = ["churn", "ads"]
        .iter()
        .flat_map(|team| {
            let company = &company;
            sources.iter().zip(10..).map(move |(source, id)| {
                let mut asked = company.churn().repository(id, &format!("acme/{source}"));
                (asked.team, asked.source) = (team, source);
                asked.files.retain(|path, _| path == "freehold.yaml");
                asked.with(&format!("workflows/{source}-work.yaml"), "tags: []\n")
            })
        })
        .collect();
    let start = Barrier::new(asked.len());
    std::thread::scope(|scope| {
        let running: Vec<_> = asked
            .iter()
            .map(|asked| {
                let (company, start) = (&company, &start);
                scope.spawn(move || {
                    start.wait();
                    company.publish(asked)
                })
            })
            .collect();
        for publisher in running {
            let outcome = publisher.join().expect("no panic").expect("git works");
            assert!(outcome.commit.is_some(), "{:#?}", outcome.plan.diagnostics);
        }
    });
    for team in ["churn", "ads"] {
        for source in sources {
            assert!(company.central_file(&format!("dags/{team}/{source}-work.py")).is_some(), "{team}/{source}");
        }
    }
    assert_eq!(company.central_git(&["rev-list", "--count", "main"]), "10", "one commit each, and two of policy");
}

#[test]
fn two_runs_of_one_source_at_once_leave_the_newer_commit() {
    let company = Company::new();
    let newer = company.churn().commit("c3").with("workflows/daily.yaml", "tags: [newer]\n");
    let older = company.churn().commit("c2").with("workflows/daily.yaml", "tags: [older]\n");
    std::thread::scope(|scope| {
        let runs = [&older, &newer].map(|asked| scope.spawn(|| company.publish(asked).expect("git works")));
        for run in runs {
            run.join().expect("no panic");
        }
    });
    assert!(company.central_file("dags/churn/daily.py").expect("there").contains("newer"));
}
