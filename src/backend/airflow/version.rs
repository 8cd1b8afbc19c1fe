//! Airflow's versions and what a generated file imports in each.

use super::python::Identifier;

/// A version of Airflow that files are generated for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Version {
    /// 2.11.
    V2_11,
    /// 3.0.
    V3_0,
    /// 3.1.
    V3_1,
    /// 3.2.
    V3_2,
    /// 3.3.
    V3_3,
}

/// The versions' names, oldest first.
pub(in crate::backend) const VERSIONS: &[&str] = &["2.11", "3.0", "3.1", "3.2", "3.3"];

/// A name that a generated file may import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Import {
    Datetime,
    Timedelta,
    Timezone,
    PodOperator,
    WorkflowSensor,
    Dag,
    Param,
    TaskGroup,
    TaskDecorator,
    TaskGroupDecorator,
    CronTimetable,
    CronsTimetable,
    DeltaTimetable,
    Asset,
    AssetAll,
    AssetAny,
    AssetsOrTime,
    DeadlineAlert,
    DeadlineReference,
    AsyncCallback,
    SkipException,
}

impl Import {
    /// Every one.
    pub(super) const ALL: &'static [Self] = &[
        Self::Datetime,
        Self::Timedelta,
        Self::Timezone,
        Self::PodOperator,
        Self::WorkflowSensor,
        Self::Dag,
        Self::Param,
        Self::TaskGroup,
        Self::TaskDecorator,
        Self::TaskGroupDecorator,
        Self::CronTimetable,
        Self::CronsTimetable,
        Self::DeltaTimetable,
        Self::Asset,
        Self::AssetAll,
        Self::AssetAny,
        Self::AssetsOrTime,
        Self::DeadlineAlert,
        Self::DeadlineReference,
        Self::AsyncCallback,
        Self::SkipException,
    ];

    /// Whether a version imports it by that name.
    pub(super) fn is_called(self, name: &str, version: &str) -> bool {
        Version::parse(version).is_some_and(|version| version.place(self).1.as_str() == name)
    }
}

/// The class of a task that runs a pod.
pub(super) const POD_OPERATOR: &str = "KubernetesPodOperator";
/// The class of a task that waits for another workflow.
pub(super) const WORKFLOW_SENSOR: &str = "ExternalTaskSensor";

impl Version {
    /// Reads `3.1`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        const ALL: [Version; 5] = [Version::V2_11, Version::V3_0, Version::V3_1, Version::V3_2, Version::V3_3];
        VERSIONS.iter().position(|name| *name == text).map(|index| ALL[index])
    }

    /// From which module this version's documentation imports a name, and the name.
    ///
    /// Airflow 3 has what authors use in `airflow.sdk`; the old places warn from 3.1.
    pub(super) fn place(self, import: Import) -> (Identifier, Identifier) {
        let since_3 = |before: &'static str, now: &'static str| if self == Self::V2_11 { before } else { now };
        let sdk = |before: &'static str| since_3(before, "airflow.sdk");
        let (module, name) = match import {
            Import::Datetime => ("datetime", "datetime"),
            Import::Timedelta => ("datetime", "timedelta"),
            Import::Timezone => ("datetime", "timezone"),
            Import::PodOperator => ("airflow.providers.cncf.kubernetes.operators.pod", POD_OPERATOR),
            Import::WorkflowSensor => {
                (since_3("airflow.sensors.external_task", "airflow.providers.standard.sensors.external_task"), WORKFLOW_SENSOR)
            }
            Import::Dag => (sdk("airflow"), "DAG"),
            Import::Param => (sdk("airflow.models.param"), "Param"),
            Import::TaskGroup => (sdk("airflow.utils.task_group"), "TaskGroup"),
            Import::TaskDecorator => (sdk("airflow.decorators"), "task"),
            Import::TaskGroupDecorator => (sdk("airflow.decorators"), "task_group"),
            Import::CronTimetable => ("airflow.timetables.trigger", "CronTriggerTimetable"),
            Import::DeadlineAlert => ("airflow.sdk.definitions.deadline", "DeadlineAlert"),
            Import::DeadlineReference => ("airflow.sdk.definitions.deadline", "DeadlineReference"),
            Import::AsyncCallback => ("airflow.sdk.definitions.deadline", "AsyncCallback"),
            Import::CronsTimetable => ("airflow.timetables.trigger", "MultipleCronTriggerTimetable"),
            Import::Asset => (sdk("airflow.datasets"), since_3("Dataset", "Asset")),
            Import::AssetAll => (sdk("airflow.datasets"), since_3("DatasetAll", "AssetAll")),
            Import::AssetAny => (sdk("airflow.datasets"), since_3("DatasetAny", "AssetAny")),
            Import::AssetsOrTime => (
                since_3("airflow.timetables.datasets", "airflow.timetables.assets"),
                since_3("DatasetOrTimeSchedule", "AssetOrTimeSchedule"),
            ),
            Import::SkipException => {
                (if self >= Self::V3_2 { "airflow.sdk.exceptions" } else { "airflow.exceptions" }, "AirflowSkipException")
            }
            Import::DeltaTimetable => ("airflow.timetables.trigger", "DeltaTriggerTimetable"),
        };
        (Identifier::fixed(module), Identifier::fixed(name))
    }

    /// Whether a run may have a deadline.
    pub(super) fn has_deadlines(self) -> bool {
        self >= Self::V3_1
    }

    /// Whether one timetable takes several cron expressions.
    pub(super) fn has_several_crons(self) -> bool {
        self > Self::V2_11
    }

    /// The argument by which a schedule of assets and time takes the assets.
    pub(super) fn assets_argument(self) -> &'static str {
        match self {
            Self::V2_11 => "datasets",
            Self::V3_0 | Self::V3_1 | Self::V3_2 | Self::V3_3 => "assets",
        }
    }

    /// The version as it is written.
    pub(super) fn as_str(self) -> &'static str {
        VERSIONS[self as usize]
    }

    /// Whether a wait that is handed to the triggerer sees that the awaited run has failed.
    ///
    /// 2.11 does not tell the triggerer what counts as a failure, and 3.0 came with a triggerer that takes a run for done as long
    /// as it has not failed: <https://github.com/apache/airflow/issues/41140>.
    pub(super) fn defers_waits(self) -> bool {
        match self {
            Self::V2_11 | Self::V3_0 => false,
            Self::V3_1 | Self::V3_2 | Self::V3_3 => true,
        }
    }

    /// What makes each wait twice as long as the one before: a switch until 3.1, a factor from 3.2.
    pub(super) fn has_backoff_factor(self) -> bool {
        match self {
            Self::V2_11 | Self::V3_0 | Self::V3_1 => false,
            Self::V3_2 | Self::V3_3 => true,
        }
    }
}
