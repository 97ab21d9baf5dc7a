//! The graph as a picture any browser shows: laid out by `dagre`, written here, with nothing fetched from anywhere.

use dagre::graph::{Graph as Layout, GraphOptions};
use dagre::{EdgeLabel, LayoutOptions, NodeLabel, Point, RankDir};

use super::drawing::{Drawing, Shape};
use crate::catalog::Catalog;
use crate::graph::Graph;
use crate::model::Gap;
use crate::render::text::escaped;

/// Up to this many boxes the layout takes a fraction of a second and can be read; beyond, a box stands for a type.
const MOST: usize = 150;
/// The longest text in a box, in characters; the whole of it is in the tooltip.
const LONGEST: usize = 42;
/// Pixels a character of 12 pixel sans-serif takes, with some to spare.
const CHARACTER: f64 = 6.8;
const HEIGHT: f64 = 38.0;
/// Between boxes one above the other: the frames of two services and a title lie between them.
const APART: f64 = 40.0;
const MARGIN: f64 = 24.0;
/// Around the boxes of a service, inside its frame.
const PAD: f64 = 8.0;
/// Room above the boxes of a service for its title.
const TITLE: f64 = 18.0;
const LINE: f64 = 18.0;

const STYLE: &str = "text{font-family:Helvetica,Arial,sans-serif;font-size:12px;fill:#202124}\
.service rect{fill:#f1f3f4;stroke:#dadce0}.service text{font-weight:bold;fill:#5f6368}\
.box rect{fill:#fff;stroke:#5f6368}.box .kind{font-size:10px;fill:#5f6368}\
.stranger rect{stroke-dasharray:4 3;stroke:#9aa0a6}.stranger text{fill:#80868b}\
.arrow{fill:none;stroke:#80868b}.arrow:hover{stroke:#1a73e8;stroke-width:2}.gap{fill:#c5221f}";

/// The graph as SVG: a frame a service, an arrow a reference (its name in the tooltip), and below, what could not be read.
///
/// More objects than can be looked at are drawn by type, with how many there are.
pub fn svg(graph: &Graph<'_>, gaps: &[Gap], catalog: &Catalog) -> String {
    let mut drawing = Drawing::of_objects(graph, gaps, catalog);
    let mut heading = None;
    if drawing.boxes.len() > MOST {
        heading = Some(format!("{} objects, drawn by type", graph.objects.len()));
        drawing = Drawing::of_types(graph, gaps, catalog);
        drawing.cut_strangers(MOST);
    }
    draw(&drawing, heading.as_deref())
}

fn draw(drawing: &Drawing, heading: Option<&str>) -> String {
    let laid = lay_out(drawing);
    let mut page = Page::default();
    for (title, members) in &drawing.groups {
        page.service(title, members.iter().map(|at| laid.node(&at.to_string())));
    }
    for arrow in drawing.arrows.iter().filter(|arrow| arrow.from != arrow.to) {
        if let Some(path) = laid.edge(&arrow.from.to_string(), &arrow.to.to_string(), None) {
            page.arrow(&arrow.label, &path.points);
        }
    }
    for (at, shape) in drawing.boxes.iter().enumerate() {
        page.shape(shape, laid.node(&at.to_string()));
    }
    page.finish(heading, &drawing.gaps)
}

fn service(group: usize) -> String {
    format!("s{group}")
}

fn lay_out(drawing: &Drawing) -> Layout<NodeLabel, EdgeLabel> {
    let options = GraphOptions {
        directed: true,
        multigraph: false,
        compound: true,
    };
    let mut layout = Layout::with_options(options);
    for (at, shape) in drawing.boxes.iter().enumerate() {
        let longest = cut(&shape.name)
            .chars()
            .count()
            .max(shape.kind.chars().count());
        let width = longest as f64 * CHARACTER + 20.0;
        layout.set_node(
            at.to_string(),
            Some(NodeLabel {
                width,
                height: HEIGHT,
                ..NodeLabel::default()
            }),
        );
    }
    for (group, (_, members)) in drawing.groups.iter().enumerate() {
        layout.set_node(service(group), Some(NodeLabel::default()));
        for at in members {
            layout.set_parent(&at.to_string(), Some(&service(group)));
        }
    }
    for arrow in drawing.arrows.iter().filter(|arrow| arrow.from != arrow.to) {
        layout.set_edge(
            arrow.from.to_string(),
            arrow.to.to_string(),
            Some(EdgeLabel::default()),
            None,
        );
    }
    let spaced = LayoutOptions {
        rankdir: RankDir::LR,
        nodesep: APART,
        edgesep: 8.0,
        ranksep: 60.0,
        ..LayoutOptions::default()
    };
    dagre::layout(&mut layout, Some(spaced));
    layout
}

/// What is drawn so far, and how far it reaches.
#[derive(Default)]
struct Page {
    body: String,
    width: f64,
    height: f64,
}

impl Page {
    fn reach(&mut self, x: f64, y: f64) {
        self.width = self.width.max(x);
        self.height = self.height.max(y);
    }

    /// A frame around the boxes of a service: closer than the layout's own, so that frames do not touch.
    fn service<'n>(&mut self, title: &str, members: impl Iterator<Item = Option<&'n NodeLabel>>) {
        let (mut left, mut top, mut right, mut bottom) = (f64::MAX, f64::MAX, f64::MIN, f64::MIN);
        for (x, y, node) in members.filter_map(corner) {
            (left, top) = (left.min(x), top.min(y));
            (right, bottom) = (right.max(x + node.width), bottom.max(y + node.height));
        }
        if left > right {
            return;
        }
        let (x, y, width, height) = (
            left - PAD,
            top - PAD - TITLE,
            right - left + 2.0 * PAD,
            bottom - top + 2.0 * PAD + TITLE,
        );
        self.reach(x + width, y + height);
        self.body.push_str(&format!(
            "<g class=\"service\"><rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"6\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\">{}</text></g>\n",
            x + PAD,
            y + 15.0,
            text(title)
        ));
    }

    fn shape(&mut self, shape: &Shape, at: Option<&NodeLabel>) {
        let Some((x, y, node)) = corner(at) else {
            return;
        };
        self.reach(x + node.width, y + node.height);
        self.body.push_str(&format!(
            "<g class=\"box{}\"><title>{kind} {}</title><rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"4\"/>\
             <text class=\"kind\" x=\"{:.1}\" y=\"{:.1}\">{kind}</text><text x=\"{:.1}\" y=\"{:.1}\">{}</text></g>\n",
            if shape.stranger { " stranger" } else { "" },
            text(&shape.name),
            node.width,
            node.height,
            x + 10.0,
            y + 15.0,
            x + 10.0,
            y + 31.0,
            text(&cut(&shape.name)),
            kind = text(&shape.kind),
        ));
    }

    fn arrow(&mut self, label: &str, points: &[Point]) {
        let Some((first, rest)) = points.split_first() else {
            return;
        };
        let place = |point: &Point| (point.x + MARGIN + 0.0, point.y + MARGIN + TITLE + 0.0);
        let (x, y) = place(first);
        let mut path = format!("M{x:.1} {y:.1}");
        for pair in rest.windows(2) {
            let ((x, y), (next_x, next_y)) = (place(&pair[0]), place(&pair[1]));
            path.push_str(&format!(
                "Q{x:.1} {y:.1} {:.1} {:.1}",
                f64::midpoint(x, next_x),
                f64::midpoint(y, next_y)
            ));
            self.reach(x, y);
        }
        if let Some(last) = rest.last() {
            let (x, y) = place(last);
            path.push_str(&format!("L{x:.1} {y:.1}"));
        }
        self.body.push_str(&format!(
            "<path class=\"arrow\" d=\"{path}\" marker-end=\"url(#to)\"><title>{}</title></path>\n",
            text(label)
        ));
    }

    fn finish(mut self, heading: Option<&str>, gaps: &[String]) -> String {
        let mut lines = String::new();
        let mut y = self.height + MARGIN;
        let unread = gaps
            .iter()
            .map(|gap| ("gap", format!("could not be read: {gap}")));
        for (class, line) in heading
            .map(|line| ("heading", line.to_owned()))
            .into_iter()
            .chain(unread)
        {
            lines.push_str(&format!(
                "<text class=\"{class}\" x=\"{MARGIN:.1}\" y=\"{y:.1}\">{}</text>\n",
                text(&line)
            ));
            self.reach(line.chars().count() as f64 * CHARACTER + MARGIN, y);
            y += LINE;
        }
        let (width, height) = (self.width + MARGIN, self.height + MARGIN);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\">\n\
             <style>{STYLE}</style>\n<defs><marker id=\"to\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" \
             orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#80868b\"/></marker></defs>\n<rect width=\"100%\" height=\"100%\" \
             fill=\"#fff\"/>\n{}{lines}</svg>\n",
            self.body
        )
    }
}

/// The upper left corner of what was laid out by its middle.
fn corner(at: Option<&NodeLabel>) -> Option<(f64, f64, &NodeLabel)> {
    let node = at?;
    Some((
        node.x? - node.width / 2.0 + MARGIN + 0.0,
        node.y? - node.height / 2.0 + MARGIN + TITLE + 0.0,
        node,
    ))
}

/// A name cut in the middle: both ends tell it from others.
fn cut(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    if characters.len() <= LONGEST {
        return name.to_owned();
    }
    let half = LONGEST / 2;
    characters[..half]
        .iter()
        .chain(&['…'])
        .chain(&characters[characters.len() - half + 1..])
        .collect()
}

/// Text as XML holds it.
fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in escaped(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // No character of XML.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::super::drawing::Arrow;
    use super::*;
    use crate::model::{Object, Scope};

    fn objects(count: usize) -> Vec<Object> {
        let object = |at: usize| Object {
            rtype: "a_thing".to_owned(),
            id: format!("//a/{at}"),
            import_id: format!("projects/p/things/{at}-of-a-kind-that-has-<a>-very-long-name"),
            scope: Scope {
                project: "p".to_owned(),
                ..Scope::default()
            },
            attributes: BTreeMap::new(),
            absent_fields: BTreeSet::new(),
            hidden: Default::default(),
            observed: Default::default(),
            partial: false,
            owned: None,
            blocked: None,
        };
        (0..count).map(object).collect()
    }

    #[test]
    fn many_objects_are_drawn_by_type() {
        let catalog = Catalog::default();
        let drawn = |count: usize| svg(&Graph::new(&objects(count), &catalog), &[], &catalog);
        let (few, many) = (drawn(MOST), drawn(MOST + 1));
        assert_eq!(few.matches("class=\"box\"").count(), MOST);
        assert!(
            few.contains(">things/0-of-a-kind-th…s-&lt;a&gt;-very-long-name</text>"),
            "{few}"
        );
        assert_eq!(many.matches("class=\"box\"").count(), 1);
        assert!(
            many.contains(">151</text>") && many.contains(">151 objects, drawn by type</text>"),
            "{many}"
        );
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(24))]

        /// The layout is somebody else's, and young: whatever refers to whatever, each box is there, at a place of its own.
        #[test]
        fn any_graph_is_drawn_whole(
            groups in proptest::collection::vec(0..4_usize, 1..24),
            arrows in proptest::collection::vec((0..24_usize, 0..24_usize), 0..60),
        ) {
            let count = groups.len();
            let shape = |at: usize| Shape { kind: "k".to_owned(), name: at.to_string(), stranger: groups[at] == 3 };
            let members = |group: usize| (0..count).filter(|at| groups[*at] == group).collect::<Vec<_>>();
            let drawing = Drawing {
                boxes: (0..count).map(shape).collect(),
                groups: (0..3).map(|group| (group.to_string(), members(group))).collect(),
                arrows: arrows.iter().map(|(from, to)| Arrow { from: from % count, to: to % count, label: String::new() }).collect(),
                gaps: Vec::new(),
            };
            let drawn = draw(&drawing, None);
            let places: BTreeSet<&str> = drawn.lines().filter_map(|line| line.split_once("</title><rect ")?.1.split(" width").next()).collect();
            proptest::prop_assert_eq!(places.len(), count, "{}", drawn);
            proptest::prop_assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "{}", drawn);
        }
    }
}
