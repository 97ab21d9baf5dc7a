//! The page of an audit in a real browser: what it says on its console, whether it fits, and that its filter works. Ignored where
//! there is no chromium.

use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::Trial;

/// The browser, if there is one.
fn browser() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .flat_map(|folder| {
            ["chromium", "chromium-browser", "google-chrome"].map(|name| folder.join(name))
        })
        .find(|file| file.is_file())
}

pub fn tests() -> Vec<Trial> {
    let found = browser();
    let absent = found.is_none();
    let chromium = found.unwrap_or_default();
    let test = Trial::test("browser::the_page_of_an_audit", move || {
        page(&chromium);
        Ok(())
    });
    vec![test.with_ignored_flag(absent)]
}

fn page(chromium: &Path) {
    let dir = tempfile::tempdir().unwrap();
    let audit = Command::new(env!("CARGO_BIN_EXE_driftline"))
        .args([
            "audit",
            "--demo",
            "--at",
            "2026-12-01T06:00:00Z",
            "--out",
            "html://page.html",
        ])
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert_eq!(audit.status.code(), Some(2));
    let text = std::fs::read_to_string(dir.path().join("page.html")).unwrap();
    let all = text.matches("<details data-id=").count();
    for scheme in ["0", "1"] {
        for width in [320, 768, 1440] {
            // The frame is as wide as it is told to be; a window is not.
            let frame = format!(
                "<!doctype html><body><iframe src=\"page.html#text=redis\" style=\"border:0;width:{width}px;height:900px\"></iframe><script>\
                 onload = () => {{ const page = document.querySelector('iframe').contentDocument; \
                 const shown = page.querySelectorAll('details[data-id]:not([hidden])').length; \
                 document.title = [page.documentElement.scrollWidth, shown, page.getElementById('count').textContent].join('|'); }};</script>"
            );
            std::fs::write(dir.path().join("frame.html"), frame).unwrap();
            let ended = Command::new(chromium)
                .args([
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--no-first-run",
                    "--allow-file-access-from-files",
                ])
                .args([
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    "--enable-logging=stderr",
                ])
                .arg(format!(
                    "--user-data-dir={}",
                    dir.path().join("profile").display()
                ))
                .arg(format!("--blink-settings=preferredColorScheme={scheme}"))
                .args(["--virtual-time-budget=5000", "--dump-dom"])
                .arg(format!(
                    "file://{}",
                    dir.path().join("frame.html").display()
                ))
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&ended.stderr);
            let console: Vec<&str> = said
                .lines()
                .filter(|line| line.contains("CONSOLE"))
                .collect();
            assert!(console.is_empty(), "{console:?}");
            let dom = String::from_utf8_lossy(&ended.stdout);
            let title = dom
                .split("<title>")
                .nth(1)
                .unwrap_or_else(|| panic!("no title: {dom}\n{said}"));
            let title = title.split("</title>").next().unwrap();
            let parts: Vec<&str> = title.split('|').collect();
            let wide: usize = parts[0].parse().unwrap();
            assert!(wide <= width, "the page is {wide} wide in {width}");
            let shown: usize = parts[1].parse().unwrap();
            assert!(shown > 0 && shown < all, "{shown} of {all}");
            assert_eq!(parts[2], format!("{shown} of {all} shown"));
        }
    }
}
