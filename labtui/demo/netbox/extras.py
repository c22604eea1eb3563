"""Kinds of record under `extras/` and `core/`: journal, tags, custom fields, the change log."""

from __future__ import annotations

from labtui.demo.netbox.schema import (
    COMMENTS,
    DESCRIPTION,
    OWNER,
    TAGS,
    Field,
    Model,
    choice,
    choices,
    computed,
    constant,
    generic,
    name_of,
    ref,
    slug,
    text,
)

MACHINE = "virtualization.virtualmachine"
FIELD_TYPES = (
    *choices("text", "integer", "decimal", "object", select="Selection"),
    ("boolean", "Boolean (true/false)"),
)
ACTIONS = choices(create="Created", update="Updated", delete="Deleted")

JOURNAL_ENTRY = Model(
    "extras.journalentry",
    "extras/journal-entries",
    "JournalEntry",
    "journal entry",
    (
        generic(
            "assigned_object",
            *("dcim.site", "dcim.device", "ipam.prefix", "ipam.ipaddress", "tenancy.tenant"),
            *("vpn.tunnel", "virtualization.cluster", MACHINE),
            required=True,
        ),
        *constant("created_by", value=1),
        choice("kind", choices("info", "success", "warning", "danger"), "info"),
        Field("comments", "text", required=True, default=""),
        TAGS,
    ),
    ("id", "url", "display", "created"),
    ("-created",),
    lambda _view, row: (
        f"{row['created'][:10]} {row['created'][11:16]} ({row['kind'].capitalize()})"
    ),
)

TAG = Model(
    "extras.tag",
    "extras/tags",
    "Tag",
    "tag",
    (
        text("name", 100, required=True, unique=True),
        slug(),
        Field("color", "text", default="9e9e9e", longest=6),
        DESCRIPTION,
        Field("weight", "integer", default=1000, low=0, high=32767),
        Field("object_types", "labels", default=()),
        *constant("tagged_items", value=0),
    ),
    ("id", "url", "display", "name", "slug", "color", "description"),
    ("weight", "name"),
    name_of,
    nested=("id", "url", "display_url", "display", "name", "slug", "color"),
    key="slug",
    configurable=False,
)

CHOICE_SET = Model(
    "extras.customfieldchoiceset",
    "extras/custom-field-choice-sets",
    "CustomFieldChoiceSet",
    "custom field choice set",
    (
        text("name", 100, required=True, unique=True),
        DESCRIPTION,
        *constant("base_choices"),
        Field("extra_choices", "raw", default=()),
        *constant("choice_colors", value={}),
        *constant("order_alphabetically", value=False),
        computed("choices_count", lambda _view, row: len(row["extra_choices"])),
        OWNER,
    ),
    ("id", "url", "display", "name", "description", "choices_count"),
    ("name",),
    name_of,
    configurable=False,
    read_only=True,
)

CUSTOM_FIELD = Model(
    "extras.customfield",
    "extras/custom-fields",
    "CustomField",
    "custom field",
    (
        Field("object_types", "labels", required=True, default=()),
        Field("type", "choice", required=True, choices=FIELD_TYPES, default="text"),
        Field("related_object_type", "text", nullable=True, longest=100),
        computed(
            "data_type", lambda _view, row: "string" if row["type"] == "text" else row["type"]
        ),
        text("name", 50, required=True, unique=True),
        text("label", 50),
        text("group_name", 50),
        DESCRIPTION,
        *constant("required", "unique", "is_cloneable", value=False),
        *constant("search_weight", value=1000),
        *constant("filter_logic", value={"value": "loose", "label": "Loose"}),
        *constant("ui_visible", value={"value": "always", "label": "Always"}),
        *constant("ui_editable", value={"value": "yes", "label": "Yes"}),
        *constant("default", "related_object_filter", "validation_minimum", "validation_maximum"),
        *constant("weight", value=100),
        *constant("validation_regex", value=""),
        *constant("validation_schema"),
        ref("choice_set", "extras.customfieldchoiceset"),
        OWNER,
        COMMENTS,
    ),
    ("id", "url", "display", "name", "description"),
    ("group_name", "name"),
    lambda _view, row: str(row["label"] or row["name"]),
    configurable=False,
    read_only=True,
)

OBJECT_CHANGE = Model(
    "core.objectchange",
    "core/object-changes",
    "ObjectChange",
    "object change",
    (
        Field("time", "raw"),
        computed("user", lambda view, row: view.user(row["user_name"])),
        Field("user_name", "raw"),
        Field("request_id", "raw"),
        Field("action", "choice", choices=ACTIONS, default="create"),
        generic("changed_object", on_delete="keep"),
        Field("object_repr", "raw"),
        Field("message", "raw"),
        Field("prechange_data", "raw"),
        Field("postchange_data", "raw"),
    ),
    ("id", "url", "display", "action", "time", "user_name"),
    ("-time", "-id"),
    lambda view, row: view.change_display(row),
    display_path="core/changelog",
    configurable=False,
    read_only=True,
)

MODELS = (JOURNAL_ENTRY, TAG, CHOICE_SET, CUSTOM_FIELD, OBJECT_CHANGE)
