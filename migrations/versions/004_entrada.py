"""Tables of entrada: posts, bridges, gate events, entries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "004"
down_revision = "003"


def upgrade() -> None:
    op.create_table(
        "post",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("building", sa.String(length=40), nullable=False),
        sa.Column("hall", sa.String(length=120), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "building IN ('palacio_inconfidencia', 'edificio_tiradentes', 'edificio_carlos_drummond', 'escola_legislativo')",
            name=op.f("ck_post_building_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
        sa.UniqueConstraint("code", name=op.f("uq_post_code")),
    )
    op.create_table(
        "bridge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("gallery_secret", sa.LargeBinary(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("spool", sa.Integer(), nullable=True),
        sa.Column("gallery_cursor", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_bridge_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bridge")),
    )
    op.create_index(op.f("ix_bridge_post_id"), "bridge", ["post_id"], unique=False)
    op.create_table(
        "extension_act",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.String(length=200), nullable=False),
        sa.Column("registered_by", sa.Uuid(), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_extension_act_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extension_act")),
    )
    op.create_index("ix_extension_act_post_id_day", "extension_act", ["post_id", "day"], unique=False)
    op.create_table(
        "minor_counter",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('crianca', 'adolescente', 'descartado')", name=op.f("ck_minor_counter_kind_known")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_minor_counter_post_id")),
        sa.PrimaryKeyConstraint("post_id", "day", "kind", name=op.f("pk_minor_counter")),
    )
    op.create_table(
        "post_hours",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.CheckConstraint("opens < closes", name=op.f("ck_post_hours_in_order")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_hours_post_id")),
        sa.PrimaryKeyConstraint("post_id", "valid_from", name=op.f("pk_post_hours")),
    )
    op.create_table(
        "presence",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_presence_person_id")),
        sa.PrimaryKeyConstraint("person_id", "date", name=op.f("pk_presence")),
    )
    op.create_table(
        "bridge_key",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("bridge_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["bridge_id"], ["bridge.id"], name=op.f("fk_bridge_key_bridge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bridge_key")),
    )
    op.create_index(op.f("ix_bridge_key_bridge_id"), "bridge_key", ["bridge_id"], unique=False)
    op.create_table(
        "bridge_nonce",
        sa.Column("bridge_id", sa.Uuid(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["bridge_id"], ["bridge.id"], name=op.f("fk_bridge_nonce_bridge_id")),
        sa.PrimaryKeyConstraint("bridge_id", "nonce", name=op.f("pk_bridge_nonce")),
    )
    op.create_index(op.f("ix_bridge_nonce_used_at"), "bridge_nonce", ["used_at"], unique=False)
    op.create_table(
        "gate_device",
        sa.Column("bridge_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=True),
        sa.Column("skew_s", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["bridge_id"], ["bridge.id"], name=op.f("fk_gate_device_bridge_id")),
        sa.PrimaryKeyConstraint("bridge_id", "name", name=op.f("pk_gate_device")),
    )
    op.create_table(
        "gate_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bridge_id", sa.Uuid(), nullable=True),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("device", sa.String(length=80), nullable=False),
        sa.Column("device_kind", sa.String(length=20), nullable=False),
        sa.Column("device_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bridge_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("instant", sa.DateTime(timezone=True), nullable=False),
        sa.Column("skew_s", sa.Float(), nullable=False),
        sa.Column("review", sa.Boolean(), nullable=False),
        sa.Column("replayed", sa.Boolean(), nullable=False),
        sa.Column("way", sa.String(length=12), nullable=False),
        sa.Column("claim", sa.String(length=3), nullable=True),
        sa.Column("decision", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("limit", sa.Float(), nullable=True),
        sa.Column("candidates", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("candidate_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("frames", sa.Integer(), nullable=False),
        sa.Column("calibration", sa.String(length=80), nullable=False),
        sa.Column("raw_sha256", sa.String(length=64), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("result", sa.String(length=24), nullable=True),
        sa.Column("ground", sa.String(length=32), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "decision IN ('recognised', 'doubtful', 'unknown')", name=op.f("ck_gate_event_decision_known")
        ),
        sa.CheckConstraint(
            "ground IS NULL OR ground IN ('reconhecida', 'confirmada', 'mesma_passagem', 'adolescente', 'duvida', 'desconhecida', 'relogio', 'verificacao_pendente', 'apos_horario', 'adolescente_sem_documento', 'crianca_desacompanhada', 'pedido_da_grpc', 'antes_do_horario', 'dia_nao_util', 'nao_identificada', 'nao_autorizada')",
            name=op.f("ck_gate_event_ground_known"),
        ),
        sa.CheckConstraint(
            "kind = 'visitante' OR (person_id IS NULL AND score IS NULL)", name=op.f("ck_gate_event_minors_are_nobody")
        ),
        sa.CheckConstraint("kind IN ('visitante', 'adolescente', 'crianca')", name=op.f("ck_gate_event_kind_known")),
        sa.CheckConstraint(
            "result IS NULL OR result IN ('LIBERADO', 'PENDENTE_VERIFICACAO', 'ENCAMINHADO_GPOL', 'NEGADO')",
            name=op.f("ck_gate_event_result_known"),
        ),
        sa.ForeignKeyConstraint(["bridge_id"], ["bridge.id"], name=op.f("fk_gate_event_bridge_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_gate_event_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_event")),
    )
    op.create_index("ix_gate_event_bridge_id_sequence", "gate_event", ["bridge_id", "sequence"], unique=False)
    op.create_index(
        "ix_gate_event_candidate_ids", "gate_event", ["candidate_ids"], unique=False, postgresql_using="gin"
    )
    op.create_index(
        "ix_gate_event_pending",
        "gate_event",
        ["accepted_at"],
        unique=False,
        postgresql_where=sa.text("case_id IS NULL"),
    )
    op.create_index("ix_gate_event_person_id", "gate_event", ["person_id"], unique=False)
    op.create_table(
        "entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("building", sa.String(length=40), nullable=False),
        sa.Column("instant", sa.DateTime(timezone=True), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("accompanied_minors", sa.Integer(), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(kind = 'visitante') = (person_id IS NOT NULL)", name=op.f("ck_entry_minors_are_nobody")),
        sa.CheckConstraint(
            "building IN ('palacio_inconfidencia', 'edificio_tiradentes', 'edificio_carlos_drummond', 'escola_legislativo')",
            name=op.f("ck_entry_building_known"),
        ),
        sa.CheckConstraint("kind IN ('visitante', 'adolescente', 'crianca')", name=op.f("ck_entry_kind_known")),
        sa.CheckConstraint("accompanied_minors BETWEEN 0 AND 50", name=op.f("ck_entry_minors_counted")),
        sa.ForeignKeyConstraint(["corrects_id"], ["entry.id"], name=op.f("fk_entry_corrects_id")),
        sa.ForeignKeyConstraint(["event_id"], ["gate_event.id"], name=op.f("fk_entry_event_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_entry_person_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_entry_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
    )
    op.create_index("ix_entry_person_id_date", "entry", ["person_id", "date"], unique=False)
    op.create_index("ix_entry_post_id_instant", "entry", ["post_id", "instant"], unique=False)
    op.create_index(
        "uq_entry_event_id", "entry", ["event_id"], unique=True, postgresql_where=sa.text("corrected_at IS NULL")
    )
    op.create_table(
        "gate_crop",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["gate_event.id"], name=op.f("fk_gate_crop_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_gate_crop")),
    )
    op.create_index(op.f("ix_gate_crop_kept_until"), "gate_crop", ["kept_until"], unique=False)
    op.create_table(
        "entry_correction",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("explanation", sa.String(length=500), nullable=False),
        sa.Column("corrected_by", sa.Uuid(), nullable=True),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_entry_correction_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_correction")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_entry_correction_entry_id")),
    )


def downgrade() -> None:
    op.drop_table("entry_correction")
    op.drop_table("gate_crop")
    op.drop_table("entry")
    op.drop_table("gate_event")
    op.drop_table("gate_device")
    op.drop_table("bridge_nonce")
    op.drop_table("bridge_key")
    op.drop_table("presence")
    op.drop_table("post_hours")
    op.drop_table("minor_counter")
    op.drop_table("extension_act")
    op.drop_table("bridge")
    op.drop_table("post")
