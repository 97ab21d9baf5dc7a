//! `driftline doctor` and `driftline permissions`.

use std::collections::BTreeSet;

use crate::cli::args::{DoctorArgs, LiveArgs, PermissionsArgs};
use crate::cli::error::{CommandError, Outcome};
use crate::cli::{definitions, output, source, terminal};
use crate::collect::{self, SecretSight, Status};
use crate::render::trust::{self, Finding};

output::formats! {
    /// What `driftline doctor` writes.
    DoctorFormat {
        Console = "console",
        Json = "json",
    }
}

output::formats! {
    /// What `driftline permissions` writes.
    PermissionsFormat {
        Console = "console",
        Yaml = "yaml",
        Hcl = "hcl",
        Json = "json",
    }
}

pub fn doctor(args: &DoctorArgs) -> Result<Outcome, CommandError> {
    let outputs = output::outputs::<DoctorFormat>(&args.out.out)?;
    let catalog = definitions::catalog()?;
    definitions::known_types(&args.live.types, &catalog)?;
    let live = LiveArgs {
        kubernetes: args.kubernetes.sight(),
        ..args.live.clone()
    };
    let checks = source::doctor(&live, &args.tofu, &catalog)?;
    let finding = |check: &'_ collect::Check| -> (String, &'static str, String, String) {
        let status = match check.status {
            Status::Ok => "ok",
            Status::Warning => "warning",
            Status::Failed => "failed",
        };
        (
            check.name.clone(),
            status,
            check.detail.clone(),
            check.fix.clone(),
        )
    };
    let rows: Vec<_> = checks.iter().map(finding).collect();
    let findings: Vec<Finding<'_>> = rows
        .iter()
        .map(|(name, status, detail, fix)| Finding {
            name,
            status,
            detail,
            fix,
        })
        .collect();
    for output in &outputs {
        let text = match output.format {
            DoctorFormat::Json => trust::doctor_json(&findings),
            DoctorFormat::Console => trust::doctor(&findings),
        };
        output::write(output, &text)?;
    }
    Ok(
        if checks.iter().any(|check| check.status == Status::Failed) {
            Outcome::Failed
        } else {
            Outcome::Clean
        },
    )
}

pub fn permissions(args: &PermissionsArgs) -> Result<Outcome, CommandError> {
    let outputs = output::outputs::<PermissionsFormat>(&args.out.out)?;
    let catalog = definitions::catalog()?;
    definitions::known_types(&args.types, &catalog)?;
    let types: Option<BTreeSet<String>> =
        (!args.types.is_empty()).then(|| args.types.iter().cloned().collect());
    let mut permissions = collect::permissions(&catalog, types.as_ref());
    if args.allow_kms_decrypt {
        permissions.insert("cloudkms.cryptoKeyVersions.useToDecrypt".to_owned());
    }
    if let Some(secrets) = args.kubernetes.sight() {
        permissions.extend(collect::cluster_permissions(&catalog, secrets));
        if secrets != SecretSight::Off {
            terminal::say(trust::LISTED_SECRETS);
        }
    }
    let showing = collect::showing(&catalog, types.as_ref());
    for (permission, shown) in &showing {
        terminal::say(&trust::showing(permission, shown));
    }
    for output in &outputs {
        let text = match output.format {
            PermissionsFormat::Json => trust::permissions_json(&permissions, &showing),
            PermissionsFormat::Yaml => trust::permissions_yaml(&permissions),
            PermissionsFormat::Hcl => {
                // A type is called after its provider.
                let provider = catalog
                    .definitions
                    .keys()
                    .find_map(|rtype| rtype.split_once('_'))
                    .map_or("", |(name, _)| name);
                trust::permissions_hcl(&permissions, &format!("{provider}_project_iam_custom_role"))
            }
            PermissionsFormat::Console => trust::permissions(&permissions),
        };
        output::write(output, &text)?;
    }
    Ok(Outcome::Clean)
}
