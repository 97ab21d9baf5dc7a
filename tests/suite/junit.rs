//! JUnit XML as its readers take it. There is no standard; what is held here is what the readers document: GitLab's and Jenkins'
//! elements and attributes, and the common form that testmoapp/junitxml describes.

/// An element: what it is called, its attributes, whether each must be there, and what may stand in it.
struct Element {
    name: &'static str,
    attributes: &'static [(&'static str, bool, Kind)],
    within: &'static [&'static str],
    text: bool,
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Count,
    Seconds,
    /// ISO 8601 without a zone.
    Moment,
}

const COUNTS: [(&str, bool, Kind); 7] = [
    ("name", true, Kind::Text),
    ("tests", true, Kind::Count),
    ("failures", true, Kind::Count),
    ("errors", true, Kind::Count),
    ("skipped", true, Kind::Count),
    ("time", true, Kind::Seconds),
    ("timestamp", false, Kind::Moment),
];

const TOLD: [(&str, bool, Kind); 2] = [("message", true, Kind::Text), ("type", true, Kind::Text)];

const ELEMENTS: [Element; 6] = [
    Element {
        name: "testsuites",
        attributes: &COUNTS,
        within: &["testsuite"],
        text: false,
    },
    Element {
        name: "testsuite",
        attributes: &COUNTS,
        within: &["testcase"],
        text: false,
    },
    Element {
        name: "testcase",
        attributes: &[
            ("classname", true, Kind::Text),
            ("name", true, Kind::Text),
            ("file", false, Kind::Text),
            ("line", false, Kind::Count),
            ("time", true, Kind::Seconds),
        ],
        within: &["failure", "error", "skipped"],
        text: false,
    },
    Element {
        name: "failure",
        attributes: &TOLD,
        within: &[],
        text: true,
    },
    Element {
        name: "error",
        attributes: &TOLD,
        within: &[],
        text: true,
    },
    Element {
        name: "skipped",
        attributes: &[("message", false, Kind::Text)],
        within: &[],
        text: true,
    },
];

/// Panics where a document is not well-formed, or not what readers take.
pub fn holds(xml: &str) {
    let body = xml
        .strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        .expect("a declaration");
    assert!(xml.len() < 30_000_000, "GitLab takes no more of a file");
    let mut open: Vec<&Element> = Vec::new();
    let mut rest = body;
    let mut roots = 0;
    while let Some(at) = rest.find('<') {
        let (text, tag) = rest.split_at(at);
        stands(text, open.last().copied());
        let (tag, after) = tag[1..].split_once('>').expect("a tag ends");
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().map(|element| element.name), Some(name));
            continue;
        }
        let (tag, closed) = tag
            .strip_suffix('/')
            .map_or((tag, false), |tag| (tag, true));
        let name = tag.split(' ').next().unwrap();
        let element = ELEMENTS.iter().find(|element| element.name == name);
        let element = element.unwrap_or_else(|| panic!("no reader knows <{name}>"));
        match open.last() {
            Some(around) => assert!(
                around.within.contains(&name),
                "<{name}> in <{}>",
                around.name
            ),
            None => {
                roots += 1;
                assert_eq!(name, "testsuites");
            }
        }
        attributes(&tag[name.len()..], element);
        if !closed {
            open.push(element);
        }
    }
    assert!(open.is_empty() && roots == 1 && rest.trim().is_empty());
}

/// Text between tags.
fn stands(text: &str, within: Option<&Element>) {
    let bare = text.chars().all(char::is_whitespace);
    assert!(
        bare || within.is_some_and(|element| element.text),
        "text where none may be: {text}"
    );
    escaped(text);
}

/// What XML takes: every `&` begins a reference, and nothing that controls.
fn escaped(text: &str) {
    for part in text.split('&').skip(1) {
        let known = ["amp;", "lt;", "gt;", "quot;", "apos;"]
            .iter()
            .any(|name| part.starts_with(name));
        let number = part
            .strip_prefix('#')
            .is_some_and(|rest| rest.split(';').next().is_some_and(|n| !n.is_empty()));
        assert!(known || number, "&{part}");
    }
    assert!(
        text.chars()
            .all(|c| !c.is_control() || matches!(c, '\n' | '\t' | '\r'))
    );
    assert!(!text.contains("]]>"));
}

fn attributes(text: &str, element: &Element) {
    let mut found = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (name, after) = rest
            .strip_prefix(' ')
            .unwrap_or_else(|| panic!("{rest}"))
            .split_once("=\"")
            .unwrap();
        let (value, after) = after.split_once('"').expect("a quote ends");
        rest = after;
        let known = element.attributes.iter().find(|(known, ..)| *known == name);
        let (_, _, kind) =
            known.unwrap_or_else(|| panic!("no reader knows `{name}` of <{}>", element.name));
        assert!(!value.contains('<') && !found.contains(&name), "{name}");
        escaped(value);
        let holds = match kind {
            Kind::Text => true,
            Kind::Count => value.parse::<u32>().is_ok(),
            Kind::Seconds => value.parse::<f64>().is_ok_and(|seconds| seconds >= 0.0),
            Kind::Moment => value.parse::<jiff::civil::DateTime>().is_ok() && !value.ends_with('Z'),
        };
        assert!(holds, "{name}=\"{value}\"");
        found.push(name);
    }
    for (name, must, _) in element.attributes {
        assert!(
            !must || found.contains(name),
            "<{}> has no {name}",
            element.name
        );
    }
}
