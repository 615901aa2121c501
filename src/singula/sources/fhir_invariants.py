"""The invariants of FHIR R4 that matter for clinical data, in plain Python.

Each rule takes one object of its type and yields (element, message); the message begins with the key of the invariant in FHIR R4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from singula.errors import quoted

Node = Mapping[str, Any]
Faults = Iterator[tuple[str, str]]
Rule = Callable[[Node], Faults]

ENDED = ("inactive", "remission", "resolved")


def check_extension(node: Node) -> Faults:
    """ext-1: a value or nested extensions, never both and never neither."""
    has_value = any(name.startswith(("value", "_value")) for name in node)
    if has_value == bool(node.get("extension")):
        yield "", "ext-1: an extension has a value or nested extensions, not both and not neither"


def check_period(node: Node) -> Faults:
    """per-1: start is not after end, as instants with their zones, and as ranges where partial."""
    start, end = node.get("start"), node.get("end")
    if isinstance(start, str) and isinstance(end, str) and _is_after(start, end):
        yield "", f"per-1: the period starts {quoted(start)} after it ends {quoted(end)}; exchange or correct them"


def _is_after(start: str, end: str) -> bool:
    if "T" in start and "T" in end:
        try:
            first, last = datetime.fromisoformat(start), datetime.fromisoformat(end)
        except ValueError:
            return False
        return first.tzinfo is not None and last.tzinfo is not None and first > last
    length = min(len(start.partition("T")[0]), len(end.partition("T")[0]))
    if ("T" in start) != ("T" in end):
        return start[:7] > end[:7]
    return start[:length] > end[:length]


def check_quantity(node: Node) -> Faults:
    """qty-3: a unit code needs its system."""
    if "code" in node and not ("system" in node or "_system" in node):
        yield "", f"qty-3: the unit code {quoted(node['code'])} has no system; add http://unitsofmeasure.org"


def check_range(node: Node) -> Faults:
    """rng-2: low is not above high, where both have the same unit."""
    low, high = node.get("low"), node.get("high")
    if not isinstance(low, dict) or not isinstance(high, dict):
        return
    if _unit(low) != _unit(high):
        return
    small, large = low.get("value"), high.get("value")
    if isinstance(small, int | float) and isinstance(large, int | float) and small > large:
        yield "low", f"rng-2: low {small} is above high {large}; exchange them"


def _unit(quantity: Node) -> tuple[object, object]:
    return quantity.get("code", quantity.get("unit")), quantity.get("system")


def check_attachment(node: Node) -> Faults:
    """att-1: data need a contentType."""
    if "data" in node and not ("contentType" in node or "_contentType" in node):
        yield "", "att-1: the attachment holds data without contentType; say what they are"


def check_contact_point(node: Node) -> Faults:
    """cpt-2: a value needs a system."""
    if "value" in node and not ("system" in node or "_system" in node):
        yield "", "cpt-2: the contact has a value without system; add phone, email or another"


def check_repeat(node: Node) -> Faults:
    """tim-1, tim-2 and their kin: amounts of time need units and are not negative."""
    for name, unit, key in (("duration", "durationUnit", "tim-1"), ("period", "periodUnit", "tim-2")):
        amount = node.get(name)
        if amount is not None and unit not in node:
            yield name, f"{key}: {name} needs {unit}"
        if isinstance(amount, int | float) and amount < 0:
            yield name, f"{'tim-4' if name == 'duration' else 'tim-5'}: {name} is negative; give a positive number"
    for name, partner, key in (("periodMax", "period", "tim-6"), ("durationMax", "duration", "tim-7")):
        if name in node and partner not in node:
            yield name, f"{key}: {name} needs {partner}"
    if "countMax" in node and "count" not in node:
        yield "countMax", "tim-8: countMax needs count"
    if "timeOfDay" in node and "when" in node:
        yield "timeOfDay", "tim-10: timeOfDay and when exclude each other"


def check_reference_range(node: Node) -> Faults:
    """obs-3: a reference range has low, high or text."""
    if not any(name in node for name in ("low", "high", "text")):
        yield "", "obs-3: the reference range has neither low nor high nor text; add one or leave it out"


def check_observation(node: Node) -> Faults:
    """obs-6 and obs-7: no reason for absence beside a value, no value beside a component with the same code."""
    has_value = any(name.startswith("value") for name in node)
    if has_value and "dataAbsentReason" in node:
        yield "dataAbsentReason", "obs-6: a value and a reason for its absence stand side by side; keep one"
    own = _codings(node.get("code"))
    inner = [_codings(one.get("code")) for one in _objects(node.get("component"))]
    if has_value and own and any(own & codes for codes in inner):
        yield "component", "obs-7: a component has the observation's own code, so the observation has no value of its own"


def check_patient_contact(node: Node) -> Faults:
    """pat-1: a contact has a name, telecom, address or organization."""
    if not any(name in node for name in ("name", "telecom", "address", "organization")):
        yield "", "pat-1: the contact has neither name nor telecom, address or organization"


def check_condition(node: Node) -> Faults:
    """con-3, con-4 and con-5: clinical status fits verification, category and abatement."""
    status = _first_code(node.get("clinicalStatus"))
    wrong = "entered-in-error" in _codes(node.get("verificationStatus"))
    if "clinicalStatus" in node and wrong:
        yield "verificationStatus", "con-5: entered in error, so there is no clinicalStatus; remove one"
    if any(name.startswith("abatement") for name in node) and status is not None and status not in ENDED:
        yield "clinicalStatus", f"con-4: has abated, but is {quoted(status)}; use inactive, remission or resolved"
    on_list = any("problem-list-item" in _codes(one) for one in _objects(node.get("category")))
    if "clinicalStatus" not in node and not wrong and on_list:
        yield "clinicalStatus", "con-3: a problem-list item should state its clinicalStatus"


def check_allergy(node: Node) -> Faults:
    """ait-1 and ait-2: clinical status is stated unless entered in error, and then never."""
    wrong = "entered-in-error" in _codes(node.get("verificationStatus"))
    if wrong and "clinicalStatus" in node:
        yield "verificationStatus", "ait-2: entered in error, so there is no clinicalStatus; remove one"
    if not wrong and "clinicalStatus" not in node:
        yield "clinicalStatus", "ait-1: clinicalStatus is missing; state active, inactive or resolved"


def check_family_member(node: Node) -> Faults:
    """fhs-1 and fhs-2: age or birth, not both; an estimated age needs an age."""
    has_age = any(name.startswith("age") for name in node)
    born = [name for name in node if name.startswith("born")]
    if has_age and born:
        yield born[0], "fhs-1: age and birth exclude each other; keep one"
    if "estimatedAge" in node and not has_age:
        yield "estimatedAge", "fhs-2: estimatedAge needs an age"


def check_prediction(node: Node) -> Faults:
    """ras-2: a probability is a percentage of at most one hundred."""
    amount = node.get("probabilityDecimal")
    if isinstance(amount, int | float) and amount > 100:
        yield "probabilityDecimal", f"ras-2: {amount} is above 100; give a probability"


def check_question(node: Node) -> Faults:
    """que-12: several conditions need a word on how they join."""
    if len(_objects(node.get("enableWhen"))) > 1 and "enableBehavior" not in node:
        yield "enableBehavior", "que-12: several enableWhen need enableBehavior; say all or any"


def check_narrative(node: Node) -> Faults:
    """txt-1 and txt-2: a narrative is one XHTML div with content and without active parts."""
    text = node.get("div")
    if not isinstance(text, str):
        return
    lowered = text.lower()
    for word in ("<script", "<iframe", "<object", "<embed", "<form", "<input", "<link", "<base", "<frame"):
        if word in lowered:
            yield "div", f"txt-1: the narrative holds {word}>, which active content is; remove it"
    if "<img" not in lowered and not _plain(text).strip():
        yield "div", "txt-2: the narrative has no content; write it or leave it out"


def _plain(text: str) -> str:
    parts, inside = [], False
    for sign in text:
        if sign == "<":
            inside = True
        elif sign == ">":
            inside = False
        elif not inside:
            parts.append(sign)
    return "".join(parts)


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _codings(concept: Any) -> frozenset[tuple[str, str]]:
    inside = _objects(concept.get("coding")) if isinstance(concept, dict) else []
    return frozenset((str(one.get("system")), str(one["code"])) for one in inside if "code" in one)


def _codes(concept: Any) -> frozenset[str]:
    return frozenset(code for _, code in _codings(concept))


def _first_code(concept: Any) -> str | None:
    inside = _objects(concept.get("coding")) if isinstance(concept, dict) else []
    return next((str(one["code"]) for one in inside if "code" in one), None)


INVARIANTS: dict[str, tuple[Rule, ...]] = {
    "Extension": (check_extension,),
    "Period": (check_period,),
    "Quantity": (check_quantity,),
    "Age": (check_quantity,),
    "Duration": (check_quantity,),
    "Count": (check_quantity,),
    "Distance": (check_quantity,),
    "Range": (check_range,),
    "Attachment": (check_attachment,),
    "ContactPoint": (check_contact_point,),
    "Timing.repeat": (check_repeat,),
    "Observation": (check_observation,),
    "Observation.referenceRange": (check_reference_range,),
    "Patient.contact": (check_patient_contact,),
    "Condition": (check_condition,),
    "AllergyIntolerance": (check_allergy,),
    "FamilyMemberHistory": (check_family_member,),
    "RiskAssessment.prediction": (check_prediction,),
    "Questionnaire.item": (check_question,),
    "Narrative": (check_narrative,),
}
