//! `--level event`: articles about one occurrence that were written independently.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{naskh, run};

/// Id, source, date, title and text. Two agencies on one fire, of which one was reprinted; the same market another
/// time; the inquiry weeks later; and something else.
const ARTICLES: [(&str, &str, &str, &str, &str); 6] = [
    (
        "fire-1",
        "alsahil",
        "2026-05-03",
        "حريق يلتهم سوق الزعفران في مدينة بير النخيل",
        "أتى حريق كبير فجر الأحد على 46 متجرًا في سوق الزعفران التاريخي وسط مدينة بير النخيل. وقال قائد فرق الإطفاء \
         في المدينة إن النيران اندلعت في مستودع للأقمشة ثم امتدت إلى الأزقة المسقوفة. ونُقل تسعة أشخاص إلى \
         مستشفى الياسمين بعد تعرضهم للاختناق، ولم تقع وفيات. واستغرقت السيطرة على الحريق خمس ساعات شاركت فيها 18 سيارة \
         إطفاء. وأمر محافظ بير النخيل بإغلاق السوق وتعويض التجار المتضررين.",
    ),
    (
        "fire-1-reprint",
        "alwadi",
        "2026-05-03",
        "النيران تلتهم سوق الزعفران في بير النخيل",
        "أتى حريق كبير فجر الأحد على 46 متجرًا في سوق الزعفران التاريخي وسط مدينة بير النخيل. وذكر قائد فرق الإطفاء \
         في المدينة أن النيران اندلعت في مستودع للأقمشة ثم امتدت إلى الأزقة المسقوفة. ونُقل تسعة أشخاص إلى \
         مستشفى الياسمين بعد تعرضهم للاختناق، ولم تقع وفيات. واستغرقت السيطرة على الحريق خمس ساعات شاركت فيها 18 سيارة \
         إطفاء.",
    ),
    (
        "fire-2",
        "alrasid",
        "2026-05-03",
        "بير النخيل: 46 متجرًا تتحول إلى رماد في سوق الزعفران",
        "استيقظ أهالي بير النخيل على أعمدة الدخان وهي تتصاعد من سوق الزعفران، أحد أقدم أسواق المدينة. وتحولت بضائع 46 \
         متجرًا إلى رماد قبل أن ينجح رجال الإطفاء في إخماد الحريق. وروى أحد تجار الأقمشة أنه فقد كل ما جمعه في \
         ثلاثين عامًا. وأكد قائد الإطفاء لمراسلنا أن شرارة كهربائية في مستودع الأقمشة هي السبب المرجح، فيما استقبل مستشفى \
         الياسمين تسعة مصابين بالاختناق. ووعد المحافظ بتعويض أصحاب المتاجر.",
    ),
    (
        "saffron-season",
        "alsahil",
        "2026-05-04",
        "موسم وفير يخفض أسعار الزعفران",
        "توقع اتحاد مزارعي الهضبة الشمالية أن يبلغ محصول الزعفران هذا العام ضعفي محصول العام الماضي بفضل أمطار الربيع. \
         وقال رئيس الاتحاد إن سعر الغرام انخفض في مدينة تل البرج إلى النصف، وإن المصدّرين يبحثون عن مشترين جدد في ما \
         وراء البحر. ودعا إلى بناء مخازن مبردة تحفظ الأزهار قبل تجفيفها.",
    ),
    (
        "inquiry",
        "alrasid",
        "2026-05-24",
        "لجنة التحقيق: إهمال وراء حريق سوق الزعفران",
        "خلصت لجنة التحقيق في حريق سوق الزعفران ببير النخيل إلى أن إهمال الصيانة الكهربائية هو ما أدى إلى الكارثة. وأوصت \
         اللجنة بإحالة ثلاثة موظفين في البلدية إلى القضاء، وبإلزام أصحاب المستودعات بتركيب أجهزة إنذار قبل نهاية العام. \
         ومن المقرر أن تبدأ أعمال الترميم الشهر المقبل.",
    ),
    (
        "rowing",
        "nabaa",
        "2026-05-03",
        "زوارق الشراع تتسابق في خليج المرجان",
        "انطلق صباح الأحد السباق السنوي للزوارق الشراعية في خليج المرجان بمشاركة ستين زورقًا من سبعة أندية. وحلّ فريق \
         النورس أولًا بفارق دقيقتين عن فريق الصدفة، بعد أن قطع مسافة 24 ميلًا في ريح معتدلة.",
    ),
];

/// The articles as JSON Lines in a folder.
fn articles() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let record = |(id, source, date, title, text): &(&str, &str, &str, &str, &str)| {
        json!({ "id": id, "source": source, "date": date, "title": title, "text": text }).to_string() + "\n"
    };
    let path = folder.path().join("articles.jsonl");
    fs::write(&path, ARTICLES.iter().map(record).collect::<String>()).unwrap();
    (folder, path)
}

/// The relation of each member, by id, of each group.
fn groups(out: &str) -> Vec<BTreeMap<String, String>> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let group = |line: &str| {
        let group: Value = serde_json::from_str(line).unwrap();
        let members = group["members"].as_array().unwrap().iter();
        members.map(|member| (text(&member["id"]), text(&member["relation"]))).collect()
    };
    out.lines().map(group).collect()
}

#[test]
fn one_event_told_twice_is_one_group_at_this_level_only() {
    let (folder, path) = articles();
    let group = |flags: &str| run(naskh(&format!("group -q --format jsonl {flags}")).arg(&path), 0).0;
    let derived = groups(&group(""));
    assert_eq!(derived.len(), 1, "{derived:?}");
    assert_eq!(derived[0].keys().collect::<Vec<_>>(), ["fire-1", "fire-1-reprint"]);

    let pairs = folder.path().join("pairs.tsv");
    let event = groups(&group(&format!("--level event --pairs {}", pairs.display())));
    assert_eq!(event.len(), 1, "{event:?}");
    let mut expected = derived[0].clone();
    expected.insert("fire-2".into(), "event".into());
    assert_eq!(event[0], expected);
    let pairs = fs::read_to_string(pairs).unwrap();
    let relations: Vec<(&str, &str, &str)> = pairs
        .lines()
        .skip(1)
        .map(|line| line.split('\t').collect::<Vec<_>>())
        .map(|row| (row[0], row[1], row[3]))
        .collect();
    assert_eq!(relations.len(), 3, "{pairs}");
    assert!(relations.contains(&("fire-1", "fire-2", "event")), "{pairs}");
    assert!(relations.contains(&("fire-1-reprint", "fire-2", "event")), "{pairs}");
    // The same whatever the threads.
    assert_eq!(group("--level event --threads 1"), group("--level event --threads 3"));
}

#[test]
fn groups_of_one_report_stay_whole() {
    let sets = |flags: &str| -> Vec<BTreeSet<String>> {
        let (out, _) = run(&mut naskh(&format!("group samples -q --format jsonl {flags}")), 0);
        groups(&out).into_iter().map(|group| group.into_keys().collect()).collect()
    };
    let event = sets("--level event");
    for flags in ["", "--window 0.5"] {
        for derived in sets(flags) {
            assert!(event.iter().any(|group| derived.is_subset(group)), "{derived:?}");
        }
    }
    // Market and weather of two days, by one template.
    for (a, b) in [("alrasid-0412-01", "alrasid-0413-02"), ("nabaa-0412-01", "nabaa-0414-01")] {
        assert!(!event.iter().any(|group| group.contains(a) && group.contains(b)), "{event:?}");
    }
}

#[test]
fn the_window_holds_for_what_is_no_same_report() {
    let (folder, path) = articles();
    let later = fs::read_to_string(&path).unwrap();
    // fire-2 three days later, and the reprint nine.
    let later = later.replace(r#""date":"2026-05-03","id":"fire-2""#, r#""date":"2026-05-06","id":"fire-2""#);
    let later = later.replace(r#""date":"2026-05-03","id":"fire-1-r"#, r#""date":"2026-05-12","id":"fire-1-r"#);
    let path = folder.path().join("later.jsonl");
    fs::write(&path, &later).unwrap();
    let ids = |flags: &str| {
        let command = format!("group -q --level event --threshold 0.1 --format jsonl {flags}");
        let (out, _) = run(naskh(&command).arg(&path), 0);
        groups(&out).into_iter().flat_map(BTreeMap::into_keys).collect::<Vec<String>>()
    };
    assert_eq!(ids(""), ["fire-1", "fire-1-reprint"]);
    assert_eq!(ids("--window 3"), ["fire-1", "fire-2"]);
}

#[test]
fn compare_answers_for_the_event() {
    let (folder, _) = articles();
    let file = |id: &str| {
        let article = ARTICLES.iter().find(|article| article.0 == id).unwrap();
        let path = folder.path().join(format!("{id}.txt"));
        fs::write(&path, format!("{}\n\n{}", article.3, article.4)).unwrap();
        path
    };
    let compare = |flags: &str, b: &str, code: i32| {
        run(naskh(&format!("compare {flags}")).arg(file("fire-1")).arg(file(b)), code).0
    };
    let out = compare("--level event", "fire-2", 0);
    assert!(out.starts_with("the same event, not the same report: score 0."), "{out}");
    let json: Value = serde_json::from_str(&compare("--level event --json", "fire-2", 0)).unwrap();
    assert_eq!((&json["same"], &json["relation"], &json["direction"]), (&true.into(), &"event".into(), &Value::Null));
    assert!(compare("", "fire-2", 1).starts_with("not the same report: "));
    assert!(compare("--level event", "rowing", 1).starts_with("not the same event: "));
    assert!(compare("--level event", "fire-1-reprint", 0).starts_with("the same report: "));
    assert!(compare("--level copy --threshold 1", "fire-1-reprint", 1).starts_with("no copy: "));
}

#[test]
fn label_3_is_true_and_a_model_of_events_is_fitted_and_used() {
    let (folder, path) = articles();
    let pairs = folder.path().join("pairs.tsv");
    let rows = "a\tb\tlabel\tweight
fire-1\tfire-1-reprint\t5\t1
fire-1\tfire-2\t3\t2
fire-1\tsaffron-season\t2\t3
fire-1\trowing\t1\t1
";
    fs::write(&pairs, rows).unwrap();
    let eval = |flags: &str| -> Value {
        let command = format!("eval --json --articles {} --pairs {} {flags}", path.display(), pairs.display());
        serde_json::from_str(&run(&mut naskh(&command), 0).0).unwrap()
    };
    let found = eval("--level event");
    assert_eq!((&found["level"], &found["threshold"]), (&"event".into(), &0.6.into()));
    let perfect = json!({ "precision": 1.0, "recall": 1.0, "f1": 1.0 });
    assert_eq!((&found["all"]["groups"], &found["all"]["proposed"]["count"]), (&perfect, &2.into()));
    // What is an event at this level is none at the other.
    assert_eq!(eval("")["all"]["groups"], perfect);
    // A threshold decides about events; reports keep their own.
    let found = eval("--level event --threshold 1");
    assert_eq!(found["all"]["groups"]["recall"].as_f64(), Some(0.3333));

    let model = folder.path().join("model.json");
    let mut command = naskh("fit --level event --threshold 0.4 --articles");
    run(command.arg(&path).arg("--pairs").arg(&pairs).arg("-o").arg(&model), 0);
    let fitted = eval(&format!("--level event --model {}", model.display()));
    assert_eq!(fitted["threshold"], 0.4);
    let (_, err) = run(naskh("group samples --model").arg(&model), 2);
    assert!(err.contains("found a model of events; expected one of reports, or --level event"), "{err}");
    // Without a pair of label 1 or 2.
    fs::write(&pairs, &rows[..rows.find("fire-1\tsaffron").unwrap()]).unwrap();
    let mut command = naskh("fit --level event --articles");
    let (_, err) = run(command.arg(&path).arg("--pairs").arg(&pairs).arg("-o").arg(&model), 2);
    assert!(err.contains("found 2 of one event (label 3 to 5) of 2 pairs; expected pairs of both kinds"), "{err}");
}
