"""The pages and addresses of the cold chain."""

from galen.core.schemas import Slice
from galen.core.web import get, post, put
from galen.i18n import N_

from .schemas import (
    ExcursionView,
    NewSecret,
    PlaceNow,
    PlaceView,
    ProfileView,
    ReadingView,
    Receipt,
    SensorView,
)
from .service import (
    acknowledge,
    add_place,
    add_profile,
    add_sensor,
    board,
    close_place,
    close_sensor,
    comment,
    decide,
    decide_all,
    edit_place,
    edit_profile,
    excursion,
    excursion_page,
    excursions,
    import_logger,
    open_count,
    place,
    place_form,
    place_page,
    places,
    profiles,
    readings,
    readings_csv,
    renew_secret,
    sensors,
    take_readings,
)

PLACE, SENSOR, ONE = (
    "/coldchain/places/{place_id}",
    "/coldchain/sensors/{sensor_id}",
    "/coldchain/excursions/{excursion_id}",
)
THIS, EXCURSION = "/coldchain/places/{id}", "/coldchain/excursions/{id}"

routes = [
    post("/readings", take_readings, json=Receipt, status=200, idempotent=False),
    get(
        "/coldchain", board, html="board.html", nav=N_("Cold chain"), icon="temperature", order=57, count=open_count,
    ),
    get("/coldchain/places", places, json=list[PlaceNow]),
    get("/coldchain/places/new", place_form, html="place_form.html"),
    post("/coldchain/places", add_place, json=PlaceView, redirect=THIS, says=N_("%(name)s is set up.")),
    get(PLACE, place, json=PlaceNow),
    get(PLACE, place_page, html="place_page.html"),
    put(PLACE, edit_place, json=PlaceView, redirect=THIS, says=N_("%(name)s is changed.")),
    put(f"{PLACE}/end", close_place, json=PlaceView, redirect="/coldchain", says=N_("%(name)s is no longer watched.")),
    get(f"{PLACE}/readings.csv", readings_csv, media_type="text/csv; charset=utf-8"),
    get(f"{PLACE}/sensors", sensors, json=list[SensorView]),
    post(f"{PLACE}/sensors", add_sensor, json=NewSecret, html="new_secret.html", says=N_("The sensor is registered.")),
    put(f"{SENSOR}/secret", renew_secret, json=NewSecret, html="new_secret.html", says=N_("The old secret is void.")),
    put(f"{SENSOR}/end", close_sensor, json=SensorView, redirect="/coldchain/places/{place_id}",
        says=N_("Sensor %(serial)s is out of use.")),
    get(f"{SENSOR}/readings", readings, json=Slice[ReadingView]),
    post(f"{SENSOR}/files", import_logger, json=Receipt, redirect="back", status=200),
    get("/coldchain/profiles", profiles, json=list[ProfileView], html="profiles.html"),
    post("/coldchain/profiles", add_profile, json=ProfileView, redirect="/coldchain/profiles",
        says=N_("The range “%(name)s” is set up.")),
    put("/coldchain/profiles/{profile_id}", edit_profile, json=ProfileView, redirect="/coldchain/profiles",
        says=N_("The range “%(name)s” is changed.")),
    get("/coldchain/excursions", excursions, json=Slice[ExcursionView], html="excursions.html"),
    get(ONE, excursion, json=ExcursionView),
    get(ONE, excursion_page, html="excursion_page.html"),
    post(f"{ONE}/acknowledgement", acknowledge, json=ExcursionView, redirect=EXCURSION, status=200,
        says=N_("You have taken it up: nobody further is told.")),
    post(f"{ONE}/comments", comment, json=ExcursionView, redirect=EXCURSION, status=200,
        says=N_("Your words are in the thread.")),
    post(f"{ONE}/decision", decide_all, json=ExcursionView, redirect=EXCURSION, status=200),
    post(f"{ONE}/batches/{{batch_id}}/decision", decide, json=ExcursionView, redirect=EXCURSION, status=200),
]  # fmt: skip
