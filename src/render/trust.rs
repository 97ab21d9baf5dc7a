//! Permissions and checks: what a scan may do, and whether it can.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::text::{Palette, escaped, styled};

/// One line of `doctor`.
pub struct Finding<'a> {
    /// What was looked at.
    pub name: &'a str,
    /// `ok`, `warning` or `failed`.
    pub status: &'a str,
    /// What was found.
    pub detail: &'a str,
    /// What to do; empty where nothing is to be done.
    pub fix: &'a str,
}

/// What is said where the right to list Secrets is asked for.
pub const LISTED_SECRETS: &str = "whoever may list Secrets may read them: this program asks for tables and keeps no value, another that has the role need not";

/// One line a check, a fix for each failure.
pub fn doctor(findings: &[Finding<'_>]) -> String {
    let mut out = String::new();
    for finding in findings {
        let style = match finding.status {
            "ok" => Palette::ADD,
            "warning" => Palette::CHANGE,
            _ => Palette::REMOVE,
        };
        let status = styled(style, &format!("{:<7}", finding.status));
        out.push_str(&format!(
            "{status} {}: {}\n",
            escaped(finding.name),
            escaped(finding.detail)
        ));
        if !finding.fix.is_empty() && finding.status != "ok" {
            out.push_str(&format!("        hint: {}\n", escaped(finding.fix)));
        }
    }
    let failed = findings
        .iter()
        .filter(|finding| finding.status == "failed")
        .count();
    let warned = findings
        .iter()
        .filter(|finding| finding.status == "warning")
        .count();
    out.push_str(&format!(
        "\n{} checks, {failed} failed, {warned} with a warning\n",
        findings.len()
    ));
    out
}

/// The checks for machines.
pub fn doctor_json(findings: &[Finding<'_>]) -> String {
    let entry = |finding: &Finding<'_>| json!({"name": finding.name, "status": finding.status, "detail": finding.detail, "fix": finding.fix});
    super::document::pretty(
        &json!({"format_version": "1.0", "checks": findings.iter().map(entry).collect::<Vec<_>>()}),
    )
}

/// Permissions, one a line.
pub fn permissions(permissions: &BTreeSet<String>) -> String {
    permissions
        .iter()
        .map(|permission| format!("{permission}\n"))
        .collect()
}

/// Permissions for machines.
pub fn permissions_json(
    permissions: &BTreeSet<String>,
    showing: &BTreeMap<String, BTreeSet<String>>,
) -> String {
    let mut document = json!({"format_version": "1.0", "permissions": permissions});
    if !showing.is_empty() {
        document["showing"] = json!(showing);
    }
    super::document::pretty(&document)
}

/// What a permission shows that a scan does without.
pub fn showing(permission: &str, shown: &BTreeSet<String>) -> String {
    let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    format!(
        "not needed: {permission}; without it these are not known: {}",
        shown.join(", ")
    )
}

/// A custom role for `gcloud iam roles create driftline --project P --file role.yaml`.
pub fn permissions_yaml(permissions: &BTreeSet<String>) -> String {
    let mut out = String::from(
        "title: driftline\ndescription: What driftline reads; it changes nothing.\nstage: GA\nincludedPermissions:\n",
    );
    out.extend(
        permissions
            .iter()
            .map(|permission| format!("- {permission}\n")),
    );
    out
}

/// A custom role as a resource block; the type's name comes from the caller, who has the definitions.
pub fn permissions_hcl(permissions: &BTreeSet<String>, rtype: &str) -> String {
    let mut out = format!(
        "resource \"{rtype}\" \"driftline\" {{\n  role_id     = \"driftline\"\n  title       = \"driftline\"\n  description = \"What driftline reads; it changes nothing.\"\n  permissions = [\n"
    );
    out.extend(
        permissions
            .iter()
            .map(|permission| format!("    \"{permission}\",\n")),
    );
    out.push_str("  ]\n}\n");
    out
}
