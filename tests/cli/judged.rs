//! `naskh score`, `eval` and `fit`: given pairs of the samples.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{names, naskh, run};

const PAIRS: &str = "a\tb\tlabel\ttemplate\tsure\tweight
alsahil-0412-01\talwadi-0412-01\t5\tno\tyes\t1
alsahil-0412-01\talrasid-0413-01\t4\tno\tyes\t2
nabaa-0413-01\talwadi-0414-01\t4\tno\tno\t3
alsahil-0412-01\talsahil-0415-01\t2\tno\tno\t4
alrasid-0412-01\talrasid-0413-02\t2\tyes\tyes\t5
nabaa-0412-01\tnabaa-0414-01\t2\tyes\tyes\t6
alsahil-0413-01\talwadi-0412-02\t1\tno\tyes\t7
";

/// A folder with the pairs, and their path.
fn pairs(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pairs.tsv");
    fs::write(&path, text).unwrap();
    (folder, path)
}

#[test]
fn scores_in_the_order_of_the_pairs() {
    let (_folder, path) = pairs(PAIRS);
    let (out, _) = run(naskh("score --articles samples/newsroom.jsonl --pairs").arg(&path), 0);
    let cells = |text: &str| text.lines().map(|l| l.split('\t').map(str::to_owned).collect()).collect::<Vec<Vec<_>>>();
    let (found, given) = (cells(&out), cells(PAIRS));
    assert_eq!(found[0], ["a", "b", "score", "relation"]);
    assert_eq!(found.len(), given.len());
    for (found, given) in found.iter().zip(&given).skip(1) {
        assert_eq!(found[..2], given[..2]);
        let score: f64 = found[2].parse().unwrap();
        assert!((0.0..=1.0).contains(&score) && found[2].len() == 6, "{found:?}");
        assert!(["identical", "copy", "derived", "update", "none"].contains(&&*found[3]));
    }
    assert_eq!(found[4][3], "update");
    assert_eq!(found[7][3], "none");
}

#[test]
fn errors_name_file_and_line() {
    for (text, message) in [
        ("a\tb\nalrasid-0412-01\tnobody\n", "pairs.tsv:2: found \"nobody\"; expected the id of an article"),
        ("a\tc\nx\ty\n", "pairs.tsv:1: found the columns [\"a\", \"c\"]; expected also one named \"b\""),
        ("a\tb\n\nx\n", "pairs.tsv:3: found 1 column; expected 2, separated by tabs: a, b"),
    ] {
        let (_folder, path) = pairs(text);
        let (out, err) = run(naskh("score -q --articles samples/newsroom.jsonl --pairs").arg(&path), 2);
        assert_eq!(out, "");
        assert!(err.contains(message), "{err}");
    }
}

#[test]
fn eval_measures_verdicts_groups_and_candidates() {
    let (_folder, path) = pairs(PAIRS);
    let eval = |flags: &str| {
        let mut command = naskh(&format!("eval --articles samples/newsroom.jsonl {flags} --pairs"));
        run(command.arg(&path), 0).0
    };
    let found: Value = serde_json::from_str(&eval("--json")).unwrap();
    assert_eq!((&found["articles"], &found["level"]), (&12.into(), &"derived".into()));
    assert_eq!((&found["all"]["pairs"], &found["sure"]["pairs"]), (&7.into(), &5.into()));
    assert_eq!((&found["all"]["templates_merged"]["of"], &found["all"]["proposed"]["of"]), (&2.into(), &3.into()));
    assert_eq!(found["all"]["proposed"]["count"], 3);
    for measure in ["precision", "recall", "f1"] {
        assert!(found["all"]["groups"][measure].is_f64() && found["all"]["verdicts"][measure].is_f64(), "{found}");
    }
    // With a threshold of 0 only pairs with too few stems in common are told apart.
    let found: Value = serde_json::from_str(&eval("--json --threshold 0")).unwrap();
    assert_eq!(found["all"]["verdicts"]["recall"], 1.0);
    let precision = found["all"]["verdicts"]["precision"].as_f64().unwrap();
    assert!((6.0 / 28.0..1.0).contains(&precision), "{precision}");

    let table = eval("");
    for row in ["pairs judged ", "verdicts: precision ", "groups: F1 ", "template siblings in one group "] {
        assert!(table.contains(row), "{table}");
    }
}

#[test]
fn an_identical_article_is_proposed_where_its_twin_is() {
    let (folder, path) = pairs("a\tb\tlabel\tweight\nb.txt\tc.txt\t4\t1\na.txt\tb.txt\t5\t1\nb.txt\td.txt\t4\t1\n");
    // A folder of their own: a table of pairs among them would be read too.
    let articles = folder.path().join("articles");
    fs::create_dir(&articles).unwrap();
    for (name, sample) in
        [("a", "wire-reworded-1"), ("b", "wire-reworded-1"), ("c", "wire-reworded-2"), ("d", "README")]
    {
        let extension = if sample == "README" { "md" } else { "txt" };
        let copy = articles.join(format!("{name}.txt"));
        fs::copy(format!("samples/{sample}.{extension}"), copy).unwrap();
    }
    let mut command = naskh("eval --json --articles");
    let (out, _) = run(command.arg(&articles).arg("--pairs").arg(&path), 0);
    let found: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(found["all"]["proposed"]["count"], 2, "{found}");
}

#[test]
fn a_fitted_model_can_be_used() {
    let (folder, path) = pairs(PAIRS);
    let model = folder.path().join("model.json");
    let mut command = naskh("fit --articles samples/newsroom.jsonl --precision 0.9 --pairs");
    let (out, _) = run(command.arg(&path).arg("-o").arg(&model), 0);
    assert!(out.contains("held-out scores") && out.contains("newsroom.jsonl, sure"), "{out}");
    assert_eq!(names(folder.path()), ["model.json", "pairs.tsv"]);

    let json: Value = serde_json::from_str(&fs::read_to_string(&model).unwrap()).unwrap();
    let provenance = &json["provenance"];
    let command = "naskh fit --articles newsroom.jsonl --precision 0.9 --pairs pairs.tsv -o model.json";
    assert_eq!(provenance["command"], command);
    assert_eq!(provenance["corpora"][0]["articles"], 12);
    assert_eq!(provenance["corpora"][0]["held_out"]["sure"]["pairs"], 5);
    assert!(!provenance.to_string().contains('/'), "{provenance}");
    run(naskh("group samples --model").arg(&model), 0);
}

#[test]
fn fit_wants_as_many_pairs_as_articles_and_both_kinds() {
    let (folder, path) = pairs("a\tb\tlabel\tweight\nalsahil-0412-01\talwadi-0412-01\t5\t1\n");
    let model = folder.path().join("model.json");
    let mut command = naskh("fit --articles samples/newsroom.jsonl --articles samples --pairs");
    let (_, err) = run(command.arg(&path).arg("-o").arg(&model), 2);
    assert!(err.contains("found 2 --articles and 1 --pairs"), "{err}");
    let mut command = naskh("fit --articles samples/newsroom.jsonl --pairs");
    let (_, err) = run(command.arg(&path).arg("-o").arg(&model), 2);
    assert!(err.contains("found 1 duplicates (label 4 or 5) of 1 pairs; expected pairs of both kinds"), "{err}");
    assert_eq!(names(folder.path()), ["pairs.tsv"]);
}

/// Pairs of the samples as a whole, so of another corpus than `PAIRS`.
const OTHER_PAIRS: &str = "a\tb\tlabel\tweight
wire-reworded-1.txt\twire-reworded-2.txt\t4\t3
wire-reworded-1.txt\triver-analysis.txt\t2\t2
alsahil-0412-01\talwadi-0412-01\t5\t1
nabaa-0412-01\triver-analysis.txt\t1\t5
";

/// Two corpora with their pairs in a folder: the flags that name each.
fn two_corpora(folder: &Path) -> [String; 2] {
    [("samples/newsroom.jsonl", "one.tsv", PAIRS), ("samples", "two.tsv", OTHER_PAIRS)].map(|(articles, name, text)| {
        let pairs = folder.join(name);
        fs::write(&pairs, text).unwrap();
        format!("--articles {articles} --pairs {}", pairs.display())
    })
}

fn json_lines(out: &str) -> Vec<Value> {
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn corpora_stand_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    let [one, two] = two_corpora(folder.path());
    let eval = |flags: &str| run(&mut naskh(&format!("eval -q {flags}")), 0).0;
    assert_eq!(eval(&format!("--json {one} {two}")), eval(&format!("--json {one}")) + &eval(&format!("--json {two}")));
    let table = eval(&format!("{one} {two}"));
    assert!(table.starts_with("12 + 15 articles, level derived, threshold 0."), "{table}");
    for heading in ["  newsroom.jsonl, all  newsroom.jsonl, sure  samples, all  samples, sure\n", "pairs judged "] {
        assert!(table.contains(heading), "{table}");
    }
    let (_, err) = run(&mut naskh(&format!("eval {one} --articles samples")), 2);
    assert!(err.contains("found 2 --articles and 1 --pairs; expected as many of each"), "{err}");
}

#[test]
fn held_out_by_corpus_is_judged_by_a_model_of_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let corpora = two_corpora(folder.path());
    let [one, two] = &corpora;
    let command = format!("eval --json --threshold 0.5 --held-out corpus {one} {two}");
    let found = json_lines(&run(&mut naskh(&command), 0).0);
    for (own, other, mut found) in [(one, two, found[0].clone()), (two, one, found[1].clone())] {
        let model = folder.path().join("model.json");
        run(naskh(&format!("fit {other} -o")).arg(&model), 0);
        let (out, _) = run(naskh(&format!("eval --json --threshold 0.5 {own} --model")).arg(&model), 0);
        assert_eq!(found.as_object_mut().unwrap().remove("held_out"), Some("corpus".into()));
        assert_eq!(found, json_lines(&out)[0]);
    }
    let (_, err) = run(&mut naskh(&format!("eval --held-out corpus {one}")), 2);
    assert!(err.contains("--held-out corpus: found one corpus; expected --articles and --pairs of two"), "{err}");
}

/// Precision and recall by weight of `(yes, label, weight)`, as in JSON.
fn rates(answers: &[(bool, u8, f64)]) -> [f64; 2] {
    let sum = |keep: &dyn Fn(&(bool, u8, f64)) -> bool| answers.iter().filter(|a| keep(a)).map(|a| a.2).sum::<f64>();
    let right = sum(&|a| a.0 && a.1 >= 4);
    [right / sum(&|a| a.0), right / sum(&|a| a.1 >= 4)].map(|x| (x * 1e4).round() / 1e4)
}

#[test]
fn held_out_by_date_is_judged_by_models_of_other_times() {
    let folder = tempfile::tempdir().unwrap();
    let lines: Vec<&str> = PAIRS.lines().collect();
    let file = |name: &str, rows: &[&str]| {
        let path = folder.path().join(name);
        fs::write(&path, format!("{}\n{}\n", lines[0], rows.join("\n"))).unwrap();
        path
    };
    let articles = "--articles samples/newsroom.jsonl";
    // By the day of the later article, 12 to 15, and so by fifths: these lines of `PAIRS` are one fold.
    let mut listed = Vec::new();
    let (mut said, mut together) = (Vec::new(), Vec::new());
    for fold in [&[1, 2, 5, 7][..], &[3, 6], &[4]] {
        let rows = |inside: bool| -> Vec<&str> {
            (1..lines.len()).filter(|line| fold.contains(line) == inside).map(|line| lines[line]).collect()
        };
        let model = folder.path().join("model.json");
        let judge = |command: &str| naskh(&format!("{command} --threshold 0.9 --model {}", model.display()));
        run(naskh(&format!("fit {articles} --pairs")).arg(file("seen.tsv", &rows(false))).arg("-o").arg(&model), 0);
        let own = file("own.tsv", &rows(true));
        let (scores, _) = run(&mut judge(&format!("score {articles} --pairs {}", own.display())), 0);
        let groups = json_lines(&run(&mut judge("group samples/newsroom.jsonl --format jsonl"), 0).0);
        let groups: Vec<BTreeSet<&str>> = groups
            .iter()
            .map(|group| group["members"].as_array().unwrap().iter().map(|m| m["id"].as_str().unwrap()).collect())
            .collect();
        for (row, scored) in rows(true).into_iter().zip(scores.lines().skip(1)) {
            let (row, scored): (Vec<&str>, Vec<&str>) = (row.split('\t').collect(), scored.split('\t').collect());
            let (label, weight) = (row[2].parse().unwrap(), row[5].parse().unwrap());
            let in_one = groups.iter().any(|group| group.contains(row[0]) && group.contains(row[1]));
            let same = !["update", "none"].contains(&scored[3]);
            said.push((same, label, weight));
            together.push((in_one, label, weight));
            if [same, in_one].contains(&(label < 4)) {
                listed.push((weight, scored[2].parse::<f64>().unwrap()));
            }
        }
    }
    let errors = folder.path().join("errors.txt");
    let pairs = file("all.tsv", &lines[1..]);
    let mut command = naskh(&format!("eval --json --threshold 0.9 --held-out date {articles} --pairs"));
    let (out, _) = run(command.arg(&pairs).arg("--errors").arg(&errors), 0);
    let found = &json_lines(&out)[0];
    assert_eq!(found["held_out"], "date");
    for (measure, answers) in [("verdicts", said), ("groups", together)] {
        let found = [&found["all"][measure]["precision"], &found["all"][measure]["recall"]];
        assert_eq!(found.map(|x| x.as_f64().unwrap()), rates(&answers), "{measure}");
    }
    // Few pairs teach little: there is something to list, by the same models and in the order of the weights.
    listed.sort_by(|x, y| y.0.total_cmp(&x.0));
    let text = fs::read_to_string(&errors).unwrap();
    let after = |word: &str| -> Vec<f64> {
        let parts = text.split(word).skip(1);
        parts.map(|rest| rest.split([':', '\n']).next().unwrap().parse().unwrap()).collect()
    };
    assert_eq!(after(", weight "), listed.iter().map(|one| one.0).collect::<Vec<f64>>());
    assert!(!listed.is_empty());
    for (found, one) in after(", score ").iter().zip(&listed) {
        assert!((found - one.1).abs() < 2e-4, "{found} for {}", one.1);
    }
    assert!(text.contains(", held out by date\n\nnewsroom.jsonl: "), "{text}");

    // One day only: no fold is left to fit to.
    let one_day = file("day.tsv", &[lines[1], "alsahil-0412-01\talrasid-0412-01\t1\tno\tyes\t1"]);
    let (_, err) = run(naskh(&format!("eval --held-out date {articles} --pairs")).arg(one_day), 2);
    let message =
        "held out by date: all but fold 1: found 0 duplicates (label 4 or 5) of 0 pairs; expected pairs of both";
    assert!(err.contains(message), "{err}");
}

#[test]
fn errors_are_listed_with_both_articles() {
    let folder = tempfile::tempdir().unwrap();
    let [one, two] = two_corpora(folder.path());
    let list = |flags: &str| {
        let path = folder.path().join("errors.txt");
        run(naskh(&format!("eval -q {one} {two} {flags} --errors")).arg(&path), 0);
        fs::read_to_string(&path).unwrap()
    };
    // No score reaches 1: all duplicates are missed.
    let text = list("--threshold 1");
    assert!(text.starts_with("12 + 15 articles, level derived, threshold 1.0000\n\n"), "{text}");
    let of = |key: &str| -> Vec<&str> { text.lines().filter(|line| line.contains(key)).collect() };
    let headings = ["newsroom.jsonl: 3 of 7 pairs wrong", "samples: 2 of 4 pairs wrong"];
    assert_eq!(of("pairs wrong"), headings);
    assert_eq!(of(".tsv:"), ["1. one.tsv:4", "2. one.tsv:3", "3. one.tsv:2", "1. two.tsv:2", "2. two.tsv:4"],);
    assert_eq!(of("verdict ").len(), 5);
    assert!(of("verdict ").iter().all(|line| line.starts_with("verdict   no, ") && line.ends_with(": wrong")));
    // The round-up, no longer the same report, repeats one under another lead.
    let updates: Vec<bool> = of("verdict ").iter().map(|line| line.contains("no, update, score 0.")).collect();
    assert_eq!(updates, [true, false, false, false, false]);
    assert!(of("groups ").iter().all(|line| *line == "groups    apart, a candidate: wrong"), "{text}");
    // Of the first pair: both heads on a line each, cut, as they stand in the input.
    let records = json_lines(&fs::read_to_string("samples/newsroom.jsonl").unwrap());
    for (name, id) in [("A", "nabaa-0413-01"), ("B", "alwadi-0414-01")] {
        let at = text.lines().position(|line| line.starts_with(&format!("{name}         {id}, 2026-04-1"))).unwrap();
        let record = records.iter().find(|record| record["id"] == id).unwrap();
        let lines: Vec<&str> = text.lines().skip(at + 1).take(2).map(str::trim_start).collect();
        assert_eq!(lines[0], record["title"]);
        let head = lines[1].strip_suffix(" \u{2026}").unwrap();
        assert!((350..=400).contains(&head.chars().count()), "{head}");
        let written = record["text"].as_str().unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(written.starts_with(&format!("{head} ")), "{head}");
    }
    // The same whatever the threads; and nothing but the headings where nothing is wrong.
    assert_eq!(text, list("--threshold 1 --threads 1"));
    let copies = folder.path().join("same.tsv");
    fs::write(&copies, "a\tb\tlabel\tweight\nnabaa-0413-01\tnabaa-0413-01\t5\t1\n").unwrap();
    let path = folder.path().join("none.txt");
    let mut command = naskh("eval --articles samples --threshold 1 --pairs");
    run(command.arg(&copies).arg("--errors").arg(&path), 0);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.ends_with("threshold 1.0000\n\nsamples: 0 of 1 pairs wrong\n"), "{text}");
}

#[test]
fn errors_want_an_input_that_can_be_read_twice() {
    let (folder, path) = pairs(PAIRS);
    let errors = folder.path().join("errors.txt");
    for input in ["-", "/dev/null"] {
        let mut command = naskh(&format!("eval --articles {input} --pairs"));
        let (_, err) = run(command.arg(&path).arg("--errors").arg(&errors), 2);
        let message = format!(
            "--errors: {input}: found an input that can be read once only; expected files or folders, which are read twice"
        );
        assert!(err.contains(&message), "{err}");
    }
    assert_eq!(names(folder.path()), ["pairs.tsv"]);
}
