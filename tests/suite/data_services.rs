//! What is particular about databases, caches and registries: found by running the real provider, one line each.

use std::collections::BTreeMap;

use crate::support::{Cloud, catalog};
use driftline::catalog::Catalog;
use driftline::forecast::{Declaration, forecast};
use driftline::model::{Address, Declared, Lifecycle, Place, ProviderConfig, Value};
use driftline::normalize::{imported, normalize};
use serde_json::{Value as Json, json};

const PROJECT: &str = "some-project";

/// The attributes that an import leaves of one object among others.
fn read(catalog: &Catalog, rtype: &str, objects: &[(&str, Json)]) -> Value {
    let cloud = objects.iter().map(|(path, body)| {
        (
            path.replace("PROJECT", PROJECT),
            Value::from_json(body.clone()),
        )
    });
    let capture = Cloud(cloud.collect::<BTreeMap<_, _>>()).capture(catalog, PROJECT);
    let found = normalize(&capture, catalog).objects;
    let object = found
        .iter()
        .find(|object| object.rtype == rtype)
        .expect("an object of the type");
    Value::Map(imported(
        catalog.definition(rtype).unwrap(),
        &object.attributes,
    ))
}

/// The value at a dotted path, in which numbers are places in lists.
fn at(value: &Value, path: &str) -> String {
    let found = path
        .split('.')
        .try_fold(value, |value, step| match step.parse::<usize>() {
            Ok(index) => value.as_list()?.get(index),
            Err(_) => value.get(step),
        });
    found.map_or("nothing".to_owned(), |value| value.to_json().to_string())
}

fn instance(body: Json) -> Value {
    let mut body = body;
    body["name"] = "i".into();
    read(
        &catalog(),
        "google_sql_database_instance",
        &[(
            "sqladmin.googleapis.com/sql/v1beta4/projects/PROJECT/instances/i",
            body,
        )],
    )
}

#[test]
fn sql_instances_are_read() {
    let settings = |settings: Json| instance(json!({"settings": settings}));
    assert_eq!(
        at(&settings(json!({})), "settings.0.edition"),
        "\"ENTERPRISE\""
    );
    assert_eq!(
        at(
            &settings(json!({})),
            "settings.0.data_cache_config.0.data_cache_enabled"
        ),
        "null"
    );
    assert_eq!(
        at(
            &settings(json!({"finalBackupConfig": {}})),
            "settings.0.final_backup_config.1"
        ),
        "nothing"
    );
    assert_ne!(
        at(
            &settings(json!({"finalBackupConfig": {}})),
            "settings.0.final_backup_config.0"
        ),
        "nothing"
    );
    assert_eq!(
        at(
            &settings(json!({"databaseFlags": []})),
            "settings.0.database_flags"
        ),
        "[]"
    );
    let pool = instance(
        json!({"instanceType": "READ_POOL_INSTANCE", "settings": {"availabilityType": "REGIONAL"}}),
    );
    assert_eq!(at(&pool, "settings.0.availability_type"), "\"ZONAL\"");
    assert_eq!(
        at(&pool, "settings.0.effective_availability_type"),
        "\"REGIONAL\""
    );
    let own = instance(
        json!({"masterInstanceName": format!("{PROJECT}:main"), "replicaConfiguration": {"failoverTarget": true}}),
    );
    assert_eq!(at(&own, "master_instance_name"), "\"main\"");
    assert_eq!(at(&own, "replica_configuration.0.failover_target"), "true");
    assert_eq!(at(&own, "settings"), "[]");
    assert_eq!(
        at(
            &instance(json!({"masterInstanceName": "other:main"})),
            "master_instance_name"
        ),
        "\"other:main\""
    );
    assert_ne!(at(&instance(json!({})), "replication_cluster.0"), "nothing");
}

#[test]
fn sql_users_are_read() {
    let user = |body: Json| {
        let mut body = body;
        body["name"] = "u".into();
        let parent = "sqladmin.googleapis.com/sql/v1beta4/projects/PROJECT/instances/i";
        let objects = [
            (parent, json!({"name": "i", "databaseVersion": "MYSQL_8_0"})),
            (&format!("{parent}/users/u"), body),
        ];
        read(&catalog(), "google_sql_user", &objects)
    };
    assert_eq!(
        at(
            &user(json!({"passwordPolicy": {"status": {}, "allowedFailedAttempts": 0}})),
            "password_policy"
        ),
        "[]"
    );
    let locked = user(json!({"passwordPolicy": {"status": {"locked": true}}}));
    assert_eq!(at(&locked, "password_policy.0.status.0.locked"), "true");
    assert_eq!(
        at(&user(json!({"databaseRoles": ["r"]})), "database_roles"),
        "null"
    );
    assert_eq!(at(&user(json!({"host": "%"})), "id"), "\"u/%/i\"");
    assert_eq!(at(&user(json!({})), "id"), "\"u//i\"");
}

#[test]
fn caches_and_registries_are_read() {
    let catalog = catalog();
    let window =
        |start: Json| json!({"weeklyMaintenanceWindow": [{"day": "SUNDAY", "startTime": start}]});
    let redis = |body: Json| {
        let mut body = body;
        body["name"] = format!("projects/{PROJECT}/locations/r/instances/c").into();
        read(
            &catalog,
            "google_redis_instance",
            &[(
                "redis.googleapis.com/v1/projects/PROJECT/locations/r/instances/c",
                body,
            )],
        )
    };
    let start = "maintenance_policy.0.weekly_maintenance_window.0.start_time.0";
    assert_ne!(
        at(
            &redis(json!({"maintenancePolicy": window(json!({}))})),
            start
        ),
        "nothing"
    );
    assert_eq!(
        at(
            &redis(json!({"maintenancePolicy": window(json!(null))})),
            start
        ),
        "nothing"
    );
    assert_eq!(
        at(
            &redis(json!({"maintenancePolicy": {}})),
            "maintenance_policy"
        ),
        "[]"
    );
    assert_eq!(
        at(
            &redis(json!({"reservedIpRange": "10.0.0.0/29"})),
            "reserved_ip_range"
        ),
        "null"
    );
    let valkey = |body: Json| {
        let mut body = body;
        body["name"] = format!("projects/{PROJECT}/locations/r/instances/v").into();
        let path = "memorystore.googleapis.com/v1/projects/PROJECT/locations/r/instances/v";
        read(&catalog, "google_memorystore_instance", &[(path, body)])
    };
    let auto = |network: &str| json!({"pscAutoConnection": {"projectId": "p", "network": network}});
    let endpoints = json!({"endpoints": [{"connections": [auto("n"), auto("n"), {"pscConnection": {"network": "m"}}]}]});
    let networks = r#"[{"network":"n","project_id":"p"}]"#;
    assert_eq!(
        at(&valkey(endpoints.clone()), "desired_auto_created_endpoints"),
        networks
    );
    assert_eq!(
        at(&valkey(endpoints.clone()), "desired_psc_auto_connections"),
        "[]"
    );
    let mut both = endpoints;
    both["pscAutoConnections"] = json!([{"projectId": "p", "network": "n", "port": 1}]);
    assert_eq!(
        at(&valkey(both.clone()), "desired_psc_auto_connections"),
        networks
    );
    assert_eq!(at(&valkey(both), "desired_auto_created_endpoints"), "[]");
    assert_eq!(
        at(
            &valkey(json!({"automatedBackupConfig": {"automatedBackupMode": "DISABLED"}})),
            "automated_backup_config"
        ),
        "[]"
    );
    let registry = |body: Json| {
        let mut body = body;
        body["name"] = format!("projects/{PROJECT}/locations/r/repositories/a").into();
        let location = "artifactregistry.googleapis.com/v1/projects/PROJECT/locations/r";
        let objects = [
            (location, json!({"locationId": "r"})),
            (&format!("{location}/repositories/a"), body),
        ];
        read(&catalog, "google_artifact_registry_repository", &objects)
    };
    assert_ne!(
        at(&registry(json!({"dockerConfig": {}})), "docker_config.0"),
        "nothing"
    );
    assert_eq!(
        at(
            &registry(json!({"virtualRepositoryConfig": {}})),
            "virtual_repository_config"
        ),
        "[]"
    );
    let remote = registry(json!({"remoteRepositoryConfig": {"noCache": {}, "npmRepository": {}}}));
    assert_eq!(at(&remote, "remote_repository_config.0.no_cache"), "[{}]");
    assert_eq!(
        at(&remote, "remote_repository_config.0.npm_repository"),
        "[]"
    );
    let policy = registry(
        json!({"cleanupPolicies": {"k": {"action": "KEEP", "condition": {}, "mostRecentVersions": {"keepCount": 3}}}}),
    );
    assert_eq!(at(&policy, "cleanup_policies.0.id"), "\"k\"");
    assert_eq!(at(&policy, "cleanup_policies.0.condition"), "[]");
    assert_eq!(
        at(
            &policy,
            "cleanup_policies.0.most_recent_versions.0.keep_count"
        ),
        "3"
    );
}

/// What tofu would plan for a resource of a type: what configuration says, and what is there.
#[track_caller]
fn plans(catalog: &Catalog, rtype: &str, config: Json, prior: Json, expected: &str) {
    let declared = Declared {
        address: Address::root(rtype, "x"),
        provider: None,
        arguments: Value::from_json(config).as_map().unwrap().clone(),
        references: Vec::new(),
        lifecycle: Lifecycle::default(),
        place: Place::default(),
    };
    let provider = ProviderConfig {
        project: Some(PROJECT.to_owned()),
        ..ProviderConfig::default()
    };
    let mut prior = prior;
    prior["project"] = PROJECT.into();
    let declaration = Declaration {
        declared: &declared,
        provider: Some(&provider),
    };
    let planned = forecast(
        catalog.definition(rtype).unwrap(),
        Some(declaration),
        Some(&Value::from_json(prior)),
        false,
    );
    let changes: Vec<_> = planned
        .changes
        .iter()
        .map(|change| format!(" {}", change.path))
        .collect();
    assert_eq!(
        format!("{}{}", planned.forecast.as_str(), changes.concat()),
        expected
    );
}

#[test]
fn sql_instances_are_planned() {
    let catalog = catalog();
    let check = |config: Json, prior: Json, expected: &str| {
        let full = |mut value: Json, defaults: bool| {
            value["deletion_protection"] = true.into();
            if defaults && value["settings"].is_array() {
                for (name, default) in [
                    ("activation_policy", json!("ALWAYS")),
                    ("availability_type", json!("ZONAL")),
                    ("disk_autoresize", json!(true)),
                    ("pricing_plan", json!("PER_USE")),
                ] {
                    let slot = &mut value["settings"][0][name];
                    if slot.is_null() {
                        *slot = default;
                    }
                }
            }
            value
        };
        plans(
            &catalog,
            "google_sql_database_instance",
            full(config, false),
            full(prior, true),
            expected,
        );
    };
    let settings = |config: Json, prior: Json, expected: &str| {
        check(
            json!({"settings": [config]}),
            json!({"settings": [prior]}),
            expected,
        )
    };
    check(
        json!({"database_version": "MYSQL_8_0"}),
        json!({"database_version": "MYSQL_8_0_36"}),
        "none",
    );
    check(
        json!({"database_version": "MYSQL_8_0"}),
        json!({"database_version": "MYSQL_8_0_31"}),
        "update database_version",
    );
    let version =
        |date: &str| json!({"maintenance_version": format!("POSTGRES_16_1.R{date}.01_00")});
    check(version("20240101"), version("20240202"), "none");
    check(
        version("20240303"),
        version("20240202"),
        "update maintenance_version",
    );
    check(
        json!({"master_instance_name": "some-project:a"}),
        json!({"master_instance_name": "a"}),
        "replace master_instance_name",
    );
    let replica = |name: &str| json!({"replication_cluster": [{"failover_dr_replica_name": name}]});
    check(replica("dr"), replica("some-project:dr"), "none");
    settings(
        json!({"disk_type": "pd-ssd"}),
        json!({"disk_type": "PD_SSD"}),
        "none",
    );
    settings(
        json!({"disk_type": "PD_SSD"}),
        json!({"disk_type": "pd-ssd"}),
        "update settings[0].disk_type",
    );
    settings(json!({"disk_size": 10}), json!({"disk_size": 20}), "none");
    let fixed = json!({"disk_size": 20, "disk_autoresize": false});
    settings(
        json!({"disk_size": 10, "disk_autoresize": false}),
        fixed,
        "replace settings[0].disk_size",
    );
    settings(
        json!({}),
        json!({"collation": "C"}),
        "replace settings[0].collation",
    );
    settings(
        json!({}),
        json!({"auto_upgrade_enabled": true}),
        "replace settings[0].auto_upgrade_enabled",
    );
    let pool = |count: i64| {
        let scale = json!({"enabled": true, "min_node_count": 2, "max_node_count": 5});
        json!({"node_count": count, "settings": [{"read_pool_auto_scale_config": [scale]}]})
    };
    check(pool(4), pool(5), "none");
    let ip = |network: Json| json!({"ip_configuration": [{"ipv4_enabled": true, "private_network": network}]});
    let url = "https://www.googleapis.com/compute/v1/projects/p/global/networks/n";
    settings(
        ip(json!(url)),
        ip(json!("projects/p/global/networks/n")),
        "none",
    );
    settings(
        ip(json!(null)),
        ip(json!("projects/p/global/networks/n")),
        "replace settings[0].ip_configuration[0].private_network",
    );
    settings(
        json!({"entraid_config": [{"tenant_id": ""}]}),
        json!({}),
        "none",
    );
    settings(
        json!({}),
        json!({"entraid_config": [{}]}),
        "update settings[0].entraid_config",
    );
    let backup = |enabled: bool, tier: &str| json!({"backup_configuration": [{"enabled": enabled, "backup_tier": tier}]});
    let off = || json!({"backup_configuration": [{"enabled": false}]});
    settings(off(), backup(true, "ENHANCED"), "none");
    settings(
        off(),
        backup(true, "STANDARD"),
        "update settings[0].backup_configuration[0].enabled",
    );
}

#[test]
fn sql_users_are_planned() {
    let catalog = catalog();
    let check = |config: Json, prior: Json, expected: &str| {
        plans(&catalog, "google_sql_user", config, prior, expected)
    };
    let iam = |name: &str, kind: &str| json!({"name": name, "type": kind});
    let there = |name: &str, kind: &str| json!({"name": name, "type": kind, "host": "%"});
    let service = "CLOUD_IAM_SERVICE_ACCOUNT";
    check(
        iam("svc@p.iam.gserviceaccount.com", service),
        there("svc", service),
        "none",
    );
    check(
        iam("other@p.iam.gserviceaccount.com", service),
        there("svc", service),
        "replace name",
    );
    check(
        json!({"name": "svc"}),
        there("svc", service),
        "replace type",
    );
    check(
        json!({"name": "u", "type": "BUILT_IN"}),
        json!({"name": "u", "type": ""}),
        "none",
    );
    check(
        iam("g@Example.com", "CLOUD_IAM_GROUP"),
        there("g@example.com", "CLOUD_IAM_GROUP"),
        "none",
    );
    let postgres = json!({"name": "g@example.com", "type": "CLOUD_IAM_GROUP", "host": ""});
    check(
        iam("g@Example.com", "CLOUD_IAM_GROUP"),
        postgres,
        "replace name",
    );
    plans(
        &catalog,
        "google_sql_database",
        json!({"charset": "utf8"}),
        json!({"charset": "UTF8"}),
        "none",
    );
}

#[test]
fn caches_are_planned() {
    let catalog = catalog();
    let redis = |config: Json, prior: Json, expected: &str| {
        let mut prior = prior;
        for (name, default) in [
            ("tier", "BASIC"),
            ("connect_mode", "DIRECT_PEERING"),
            ("transit_encryption_mode", "DISABLED"),
        ] {
            prior[name] = default.into();
        }
        plans(&catalog, "google_redis_instance", config, prior, expected);
    };
    redis(
        json!({"redis_version": "REDIS_7_0"}),
        json!({"redis_version": "REDIS_7_2"}),
        "replace redis_version",
    );
    redis(
        json!({"redis_version": "REDIS_6_X"}),
        json!({"redis_version": "REDIS_7_2"}),
        "update redis_version",
    );
    redis(
        json!({"secondary_ip_range": "auto"}),
        json!({"secondary_ip_range": "10.0.0.0/29"}),
        "none",
    );
    let network = json!({"authorized_network": "projects/some-project/global/networks/n"});
    redis(json!({"authorized_network": "n"}), network, "none");
    let valkey = |config: Json, prior: Json, expected: &str| {
        let mut prior = prior;
        prior["deletion_protection_enabled"] = true.into();
        plans(
            &catalog,
            "google_memorystore_instance",
            config,
            prior,
            expected,
        );
    };
    let one = |network: &str| json!({"network": network, "project_id": "p"});
    let wanted = |networks: &[&str]| json!({"desired_auto_created_endpoints": networks.iter().map(|n| one(n)).collect::<Vec<_>>()});
    valkey(json!({}), wanted(&["a"]), "none");
    valkey(
        wanted(&["a"]),
        wanted(&["a", "b"]),
        "replace desired_auto_created_endpoints",
    );
    let swapped = "update desired_auto_created_endpoints[0].network desired_auto_created_endpoints[1].network";
    valkey(wanted(&["b", "a"]), wanted(&["a", "b"]), swapped);
    let memcache = |config: Json, prior: Json, expected: &str| {
        let mut prior = prior;
        prior["memcache_version"] = "MEMCACHE_1_5".into();
        plans(
            &catalog,
            "google_memcache_instance",
            config,
            prior,
            expected,
        );
    };
    let parameters = |params: Json| json!({"memcache_parameters": [{"params": params}]});
    memcache(
        json!({}),
        parameters(json!({})),
        "replace memcache_parameters",
    );
    memcache(
        parameters(json!({"a": "1"})),
        parameters(json!({"a": "2"})),
        "update memcache_parameters[0].params.a",
    );
}

#[test]
fn registries_are_planned() {
    let catalog = catalog();
    let check = |config: Json, prior: Json, expected: &str| {
        let mut prior = prior;
        prior["mode"] = "STANDARD_REPOSITORY".into();
        plans(
            &catalog,
            "google_artifact_registry_repository",
            config,
            prior,
            expected,
        );
    };
    check(
        json!({"format": "docker"}),
        json!({"format": "DOCKER"}),
        "none",
    );
    let maven = |policy: &str| json!({"maven_config": [{"version_policy": policy, "allow_snapshot_overwrites": false}]});
    check(json!({}), maven("VERSION_POLICY_UNSPECIFIED"), "none");
    check(json!({"maven_config": [{}]}), json!({}), "none");
    check(json!({}), maven("RELEASE"), "replace maven_config");
    check(
        json!({}),
        json!({"docker_config": [{}]}),
        "update docker_config",
    );
    check(
        json!({}),
        json!({"vulnerability_scanning_config": [{"enablement_config": "INHERITED"}]}),
        "none",
    );
    check(
        json!({}),
        json!({"remote_repository_config": [{"no_cache": [{}]}]}),
        "replace remote_repository_config",
    );
    let policies = |age: &str| json!({"cleanup_policies": [{"id": "a", "condition": [{"older_than": age, "tag_state": "ANY"}]}]});
    check(policies("30d"), policies("2592000s"), "none");
    check(
        policies("31d"),
        policies("2592000s"),
        "update cleanup_policies",
    );
    let upstreams = |ids: &[&str]| {
        let policies: Vec<Json> = ids
            .iter()
            .map(|id| json!({"id": id, "priority": 1, "repository": "r"}))
            .collect();
        json!({"virtual_repository_config": [{"upstream_policies": policies}]})
    };
    check(upstreams(&["a", "b"]), upstreams(&["b", "a"]), "none");
}
