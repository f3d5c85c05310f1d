"""The templates: what must never change of them, and that their stacks can be made and removed."""

from __future__ import annotations

import copy
import json
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from infra.release.lambda_zip import HANDLER, zipped
from local.stack import ROOT
from tests.infra.cloud import Cloud
from tests.infra.templates import FOLDER, ORDER, resources, template, templates, walk


@pytest.mark.slow
def test_these_are_all_templates_and_cfn_lint_finds_no_fault_in_them() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(ORDER)
    command = [ROOT / ".venv/bin/cfn-lint", "--non-zero-exit-code", "informational", *sorted(FOLDER.glob("*.yaml"))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_a_stack_imports_only_what_an_earlier_one_exports() -> None:
    exported: set[str] = set()
    imported = 0
    for name in ORDER:
        value = template(name)
        wanted = {each["Fn::ImportValue"]["Fn::Sub"] for each in walk(value) if "Fn::ImportValue" in each}
        # the name of a role is a parameter of the nodes' template
        roles = ("airflow", "worker", "site") if name == "nodes" else ("",)
        wanted = {text.replace("${Role}", role) for text in wanted for role in roles}
        assert wanted - exported == set(), name
        imported += len(wanted)
        exported |= {output["Export"]["Name"]["Fn::Sub"] for output in value["Outputs"].values() if "Export" in output}
    assert imported > 20


# --- who reaches whom


def sources(group: str) -> set[str]:
    """What a security group of the network lets in: names of groups, or addresses."""
    network = template("network")["Resources"]
    rules = network[group]["Properties"].get("SecurityGroupIngress", [])
    rules = rules["Fn::If"][1] if isinstance(rules, dict) else rules
    apart = [
        resource["Properties"]
        for resource in network.values()
        if resource["Type"] == "AWS::EC2::SecurityGroupIngress" and resource["Properties"]["GroupId"] == {"Ref": group}
    ]
    found = set()
    for rule in [*rules, *apart]:
        source = rule.get("SourceSecurityGroupId") or rule["CidrIp"]
        found.add(source if isinstance(source, str) else source["Ref"])
    return found


def test_only_the_balancer_faces_the_world_and_only_it_reaches_the_web_nodes() -> None:
    assert sources("BalancerGroup") == {"0.0.0.0/0"}
    assert sources("SiteGroup") == {"BalancerGroup"}
    groups = resources("AWS::EC2::SecurityGroup")
    open_to_all = {name for name, group in groups.items() if "0.0.0.0/0" in json.dumps(group)}
    assert open_to_all == {"network.BalancerGroup"}


def test_only_the_nodes_and_the_bastion_reach_the_databases() -> None:
    assert sources("DatabaseGroup") == {"AirflowGroup", "WorkerGroup", "SiteGroup", "BastionGroup"}
    assert sources("WarehouseGroup") == {"AirflowGroup", "WorkerGroup", "BastionGroup"}
    assert sources("BrokerGroup") == {"AirflowGroup", "WorkerGroup"}


def test_airflow_is_reached_by_its_workers_and_through_the_bastion() -> None:
    assert sources("AirflowGroup") == {"WorkerGroup", "BastionGroup"}
    assert sources("WorkerGroup") == {"AirflowGroup"}
    assert sources("BastionGroup") == {"SshCidr"}
    pattern = template("network")["Parameters"]["SshCidr"]["AllowedPattern"]
    assert re.fullmatch(pattern, "203.0.113.7/32")
    assert re.fullmatch(pattern, "")
    assert not re.fullmatch(pattern, "0.0.0.0/0")


def imports(value: Any) -> set[str]:
    return {each["Fn::ImportValue"]["Fn::Sub"].split("-", 1)[1] for each in walk(value) if "Fn::ImportValue" in each}


def test_the_databases_are_private_encrypted_and_outlive_their_stack() -> None:
    data = template("data")["Resources"]
    (database,) = resources("AWS::RDS::DBInstance").values()
    (workgroup,) = resources("AWS::RedshiftServerless::Workgroup").values()
    (broker,) = resources("AWS::ElastiCache::ReplicationGroup").values()
    assert database["PubliclyAccessible"] is workgroup["PubliclyAccessible"] is False
    assert imports(database) == {"database-group"}
    assert imports(workgroup) == {"warehouse-group", "private-a", "private-b", "private-c"}
    assert imports(broker) == {"broker-group"}
    for name in ("DatabaseSubnets", "BrokerSubnets"):
        assert imports(data[name]) == {"private-a", "private-b"}
    assert (database["StorageEncrypted"], database["DeletionProtection"]) == (True, True)
    assert int(database["EngineVersion"]) >= 16
    assert broker["TransitEncryptionEnabled"] is broker["AtRestEncryptionEnabled"] is True
    kept = {name: data[name]["DeletionPolicy"] for name in ("Lake", "Releases", "Database", "Namespace")}
    assert kept == {"Lake": "Retain", "Releases": "Retain", "Database": "Snapshot", "Namespace": "Retain"}


def test_every_bucket_is_private_encrypted_versioned_and_ages() -> None:
    buckets = resources("AWS::S3::Bucket")
    assert len(buckets) == 2
    for bucket in buckets.values():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket["BucketEncryption"]
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        assert len(bucket["LifecycleConfiguration"]["Rules"]) >= 2
    for policy in resources("AWS::S3::BucketPolicy").values():
        (tls,) = [each for each in policy["PolicyDocument"]["Statement"] if each["Sid"] == "TlsOnly"]
        assert (tls["Effect"], tls["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_every_instance_wants_session_tokens_and_encrypts_its_disk() -> None:
    launched = [
        *(each["LaunchTemplateData"] for each in resources("AWS::EC2::LaunchTemplate").values()),
        *resources("AWS::EC2::Instance").values(),
    ]
    assert len(launched) == 2
    for instance in launched:
        assert instance["MetadataOptions"]["HttpTokens"] == "required"
        assert [disk["Ebs"]["Encrypted"] for disk in instance["BlockDeviceMappings"]] == [True]


# --- rights


def statements() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement that allows something, with the resource that it stands in."""
    for name, value in templates().items():
        for logical, resource in value["Resources"].items():
            for part in walk(resource.get("Properties", {})):
                for statement in part.get("Statement", ()):
                    if statement["Effect"] == "Allow":
                        yield f"{name}.{logical}", statement


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_nothing_is_allowed_by_a_wildcard_action_and_a_wildcard_resource_only_where_aws_knows_no_other() -> None:
    found = list(statements())
    assert len(found) > 20
    assert [place for place, each in found if any("*" in action for action in listed(each["Action"]))] == []
    everywhere = {
        action for _, each in found if "*" in listed(each.get("Resource")) for action in listed(each["Action"])
    }
    assert everywhere == {"ec2:DescribeInstances", "ssm:DescribeInstanceInformation"}


def test_who_may_become_a_role_is_narrow() -> None:
    trusts = {
        name: role["AssumeRolePolicyDocument"]["Statement"][0] for name, role in resources("AWS::IAM::Role").items()
    }
    services = {name: trust["Principal"].get("Service") for name, trust in trusts.items()}
    assert services == {
        **dict.fromkeys(
            ("roles.AirflowRole", "roles.WorkerRole", "roles.SiteRole", "roles.BastionRole"), "ec2.amazonaws.com"
        ),
        "roles.CopyRole": ["redshift.amazonaws.com", "redshift-serverless.amazonaws.com"],
        "deploy.Role": "lambda.amazonaws.com",
        "roles.DeployRole": None,
    }
    github = trusts["roles.DeployRole"]
    assert github["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert github["Condition"]["StringEquals"] == {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        # one repository, one environment; no pattern
        "token.actions.githubusercontent.com:sub": {"Fn::Sub": "repo:${Repository}:environment:production"},
    }


def test_the_workflow_can_add_releases_and_ask_the_lambda_and_nothing_else() -> None:
    allowed = [each for place, each in statements() if place == "roles.DeployRole"]
    actions = {action for each in allowed for action in listed(each["Action"])}
    assert actions == {
        "sts:AssumeRoleWithWebIdentity",
        "s3:PutObject",
        "s3:GetObject",
        "lambda:InvokeFunction",
    }


def test_only_the_lambda_moves_the_pointer() -> None:
    movers = {place for place, each in statements() if "ssm:PutParameter" in listed(each["Action"])}
    assert movers == {"deploy.Role"}
    (wildcards,) = [
        each for place, each in statements() if "ssm:SendCommand" in listed(each["Action"]) and "Condition" in each
    ]
    assert wildcards["Condition"] == {"StringLike": {"ssm:resourceTag/otto:role": "*"}}


def test_no_secret_stands_in_a_template_or_is_a_parameter() -> None:
    for name, value in templates().items():
        assert not [key for key in value["Parameters"] if re.search("(?i)password|secret|token", key)], name
        assert not re.search(r"AKIA[0-9A-Z]{16}", (FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    generated = resources("AWS::SecretsManager::Secret")
    assert len(generated) == 7
    for secret in generated.values():
        assert secret["GenerateSecretString"]["PasswordLength"] >= 40
        assert "SecretString" not in secret


def test_the_lambda_of_the_stack_is_the_one_that_is_built() -> None:
    (function,) = resources("AWS::Lambda::Function").values()
    assert function["Handler"] == HANDLER
    assert function["Timeout"] == 900
    assert zipped(ROOT)


def test_a_node_s_first_boot_is_valid_shell_and_python_and_says_all_that_a_service_asks_for() -> None:
    text = template("nodes")["Resources"]["Template"]["Properties"]["LaunchTemplateData"]["UserData"]
    script = text["Fn::Base64"]["Fn::Sub"][0]
    assert len(script) < 16_000
    done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    for program in re.findall(r"<<'END'\n(.*?)\n *END\n", script, re.DOTALL):
        compile(program.replace("                ", ""), "first boot", "exec")
    asked = set()
    for path in ("launch.py", "settings.py"):
        asked |= set(
            re.findall(r"environ\[f?[\"'](OTTO_\w+)", (ROOT / "infra/node" / path).read_text(encoding="utf-8"))
        )
    assert len(asked) >= 7
    assert asked - {"OTTO_INSTANCE"} <= set(re.findall(r"^ *(OTTO_\w+)=", script, re.MULTILINE))


# --- on the emulator

# What the emulator's CloudFormation does not know. Their stacks are made without them; cfn-lint has checked them.
UNKNOWN = {
    "AWS::EC2::EIP",
    "AWS::EC2::Instance",
    "AWS::EC2::NatGateway",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::IAM::OIDCProvider",
    "AWS::RedshiftServerless::Namespace",
    "AWS::RedshiftServerless::Workgroup",
    "AWS::SSM::Document",
}
PARAMETERS = {
    "roles": {"Repository": "someone/otto"},
    "deploy": {"CodeKey": "lambda/deploy-0123456789abcdef.zip"},
    "edge": {"Domain": "otto.example.com"},
    "alarms": {"Email": "someone@example.com"},
    "nodes": {"Role": "worker", "Nodes": "2", "Image": "ami-1", "FirstRelease": f"{'0' * 40}@sha256:{'0' * 64}"},
}


def known_part(name: str) -> dict[str, Any]:
    """The template without what the emulator does not know; references to that become a text."""
    value = copy.deepcopy(template(name))
    unknown = {logical for logical, each in value["Resources"].items() if each["Type"] in UNKNOWN}
    for logical in unknown:
        del value["Resources"][logical]
    # an image of the emulator, and no public parameter of AWS
    if "Image" in value["Parameters"]:
        value["Parameters"]["Image"] = {"Type": "String"}

    def without(part: Any) -> Any:
        if isinstance(part, dict):
            if part.get("Ref") in unknown:
                return "not-here"
            if isinstance(part.get("Fn::GetAtt"), list) and part["Fn::GetAtt"][0] in unknown:
                return "not-here"
            if isinstance(part.get("Fn::Sub"), str):
                return {
                    "Fn::Sub": re.sub(
                        rf"\$\{{({'|'.join(unknown) or '-'})[.}}].*?(?<=\}})", "not-here", part["Fn::Sub"]
                    )
                }
            return {key: without(inner) for key, inner in part.items()}
        return [without(inner) for inner in part] if isinstance(part, list) else part

    value = without(value)
    for resource in value["Resources"].values():
        if resource["Type"] == "AWS::EC2::Route" and resource["Properties"].get("NatGatewayId"):
            resource["Properties"] = {k: v for k, v in resource["Properties"].items() if k != "NatGatewayId"}
        if resource["Type"] == "AWS::RDS::DBInstance":
            resource["Properties"]["DeletionProtection"] = False  # the test removes it again
    return value


@pytest.mark.slow
def test_the_stacks_are_made_and_removed_on_the_emulator(aws_endpoint: str) -> None:
    cloud = Cloud(aws_endpoint)
    formation, region = cloud.client("cloudformation"), "us-east-1"
    account = cloud.client("sts").get_caller_identity()["Account"]
    zone = cloud.client("route53").create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    made = []
    for name in (name for name in ORDER if name != "bastion"):  # of which nothing is left
        body = yaml.safe_dump(known_part(name))
        chosen = PARAMETERS.get(name, {}) | ({"Zone": zone.split("/")[-1]} if name == "edge" else {})
        if name == "deploy":
            bucket = f"otto-releases-{account}-{region}"
            cloud.client("s3").put_object(Bucket=bucket, Key=chosen["CodeKey"], Body=zipped(ROOT))
        formation.create_stack(
            StackName=f"otto-{name}",
            TemplateBody=body,
            Parameters=[{"ParameterKey": key, "ParameterValue": text} for key, text in chosen.items()],
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        formation.get_waiter("stack_create_complete").wait(
            StackName=f"otto-{name}", WaiterConfig={"Delay": 0.1, "MaxAttempts": 300}
        )
        made.append(f"otto-{name}")
    _databases_are_private(cloud)
    _groups_are_what_the_template_says(cloud)
    _the_function_answers(cloud)
    for stack in reversed(made):
        formation.delete_stack(StackName=stack)
        formation.get_waiter("stack_delete_complete").wait(
            StackName=stack, WaiterConfig={"Delay": 0.1, "MaxAttempts": 300}
        )
    left = {each["StackName"] for each in formation.describe_stacks()["Stacks"]}
    assert left & set(made) == set()


def _databases_are_private(cloud: Cloud) -> None:
    (database,) = cloud.client("rds").describe_db_instances(DBInstanceIdentifier="otto")["DBInstances"]
    assert database["PubliclyAccessible"] is False
    assert database["StorageEncrypted"] is True
    assert len(database["VpcSecurityGroups"]) == 1


def _groups_are_what_the_template_says(cloud: Cloud) -> None:
    groups = cloud.client("ec2").describe_security_groups()["SecurityGroups"]
    named = {
        key: group
        for group in groups
        for key in ("PostgreSQL", "Redshift", "Web and API")
        if group["Description"].startswith(key)
    }
    assert set(named) == {"PostgreSQL", "Redshift", "Web and API"}
    for group in named.values():
        assert [rule["IpRanges"] for rule in group["IpPermissions"] if rule.get("IpRanges")] == []


def _the_function_answers(cloud: Cloud) -> None:
    answer = cloud.client("lambda").invoke(FunctionName="otto-deploy", Payload=b'{"action": "watch"}')
    report = json.loads(answer["Payload"].read())
    assert report["outcome"] == "settled", report
