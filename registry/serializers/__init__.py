from .fields import KeyField
from .organizations import EnterpriseSerializer, InstituteSerializer, OrganizationSerializer
from .parts import ContactSerializer, FiguresSerializer, QualificationSerializer, RelationSerializer
from .reference import GradingSerializer, PlanSerializer, SectorSerializer, TownshipSerializer, ZoneSerializer

__all__ = [
    "ContactSerializer",
    "EnterpriseSerializer",
    "FiguresSerializer",
    "GradingSerializer",
    "InstituteSerializer",
    "KeyField",
    "OrganizationSerializer",
    "PlanSerializer",
    "QualificationSerializer",
    "RelationSerializer",
    "SectorSerializer",
    "TownshipSerializer",
    "ZoneSerializer",
]
