# ruff: noqa: RUF001 (the page shows such characters)
"""The page of `preview --html`, in a real browser that has no network.

python test_page.py FREEHOLD CHROMIUM
"""

import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from projects import HOSTILE, PROJECT, RETRAIN, large

CHROMIUM = Path(sys.argv.pop()).resolve()
FREEHOLD = Path(sys.argv.pop()).resolve()
FROM = "2026-03-20T00:00:00Z"
VIEWS = ["graph", "tasks", "files", "pods", "runs", "findings"]
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
SCALE = "() => new DOMMatrix(getComputedStyle(document.querySelector('.canvas > g')).transform).a"
SHIFT = "() => new DOMMatrix(getComputedStyle(document.querySelector('.canvas > g')).transform).e"

place = tempfile.TemporaryDirectory()
pages: dict[str, Path] = {}
browser: Browser


def write(name: str, workflows: dict[str, str]) -> None:
    """Make the page of a project."""
    root = Path(place.name) / name
    (root / "workflows").mkdir(parents=True)
    (root / "freehold.yaml").write_text(PROJECT, encoding="utf-8")
    for workflow, text in workflows.items():
        (root / "workflows" / f"{workflow}.yaml").write_text(text, encoding="utf-8")
    pages[name] = root / "page.html"
    asked = [FREEHOLD, "preview", "--from", FROM, "--html", pages[name]]
    subprocess.run(asked, cwd=root, check=True, stdin=subprocess.DEVNULL)


def setUpModule() -> None:
    """Write the pages, and start one browser for all tests."""
    global browser
    write("project", {"retrain": RETRAIN, "hostile": HOSTILE})
    write("large", {"large": large(5_000)})
    # What comes with the browser, for machines that have no such libraries and fonts.
    beside = {"LD_LIBRARY_PATH": f"{CHROMIUM.parent / 'lib'}", "FONTCONFIG_PATH": f"{CHROMIUM.parent}"}
    beside = beside if (CHROMIUM.parent / "fonts.conf").exists() else {}
    playwright = sync_playwright().start()
    unittest.addModuleCleanup(playwright.stop)
    # A container's root has no sandbox of its own to give away; the page is a file that this test has written.
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"], env={**os.environ, **beside}
    )
    unittest.addModuleCleanup(browser.close)
    unittest.addModuleCleanup(place.cleanup)


class PageTest(unittest.TestCase):
    """Opens pages, and lets none of them ask for anything or complain."""

    def setUp(self) -> None:
        """Nothing asked for yet."""
        self.asked: list[str] = []
        self.complaints: list[str] = []

    def open(self, name: str = "project", address: str = "#churn%2Fretrain", **options: object) -> Page:
        """Open a page of a project."""
        context = browser.new_context(**{**DESKTOP, **options}, offline=True)
        self.addCleanup(context.close)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))
        page.goto(f"{pages[name].as_uri()}{address}")
        page.wait_for_selector("[role=tab][aria-selected=true]")
        if page.evaluate("state.view") == "graph":
            page.wait_for_selector(".box")
        return page

    def tearDown(self) -> None:
        """Whatever a test did, nothing but the file itself was asked for."""
        self.assertEqual(
            [url for url in self.asked if url.partition("#")[0] not in {p.as_uri() for p in pages.values()}], []
        )
        self.assertEqual(self.complaints, [])


class Shown(PageTest):
    """What is there to see."""

    def test_the_graph_has_every_task_and_group_and_how_often_each_is_repeated(self) -> None:
        """Boxes are told apart by kind, and arrows join them."""
        page = self.open()
        boxes = {box.get_attribute("aria-label") for box in page.locator(".box").all()}
        self.assertIn("models, group, repeated × 3, 2 tasks", boxes)
        self.assertIn("score, runs a pod, repeated × each customer, 0.5 cpu · 2Gi", boxes)
        self.assertIn("train, runs a pod, 2 cpu · 8Gi", boxes)
        self.assertIn("clean, runs a pod, 0.5 cpu · 2Gi, always", boxes)
        self.assertEqual(len(boxes), 7)
        self.assertEqual(page.locator(".arrow").count(), 6)

    def test_a_task_tells_who_gave_each_value_and_what_that_overrode(self) -> None:
        """The layers are those of `preview --what layers`."""
        page = self.open()
        page.get_by_role("button", name="end, runs a pod").click()
        row = page.locator(".layers tr", has_text="retries")
        self.assertEqual(row.locator(".given .layer").inner_text(), "task")
        self.assertEqual(row.locator(".given .value").inner_text(), "5")
        self.assertEqual(row.locator(".overridden").inner_text().split()[:3], ["2", "over", "workflow"])
        self.assertIn("workflows/retrain.yaml:8", row.locator(".overridden .where").inner_text())
        self.assertIn("kind: Pod", page.locator("#panel pre").inner_text())

    def test_files_and_pods_have_colours(self) -> None:
        """Python in one view, YAML in the other."""
        page = self.open(address="#churn%2Fretrain/files")
        self.assertIn("import", page.locator("pre .word").all_inner_texts())
        page.get_by_role("tab", name="Pods").click()
        page.locator("summary", has_text="list_customers").click()
        page.locator("pre .key").first.wait_for()
        self.assertIn("apiVersion", page.locator("pre .key").all_inner_texts())

    def test_runs_are_told_in_the_workflows_own_zone(self) -> None:
        """Where clocks change the hour that is not there is not told, and the change is."""
        page = self.open(address="#churn%2Fretrain/runs")
        self.assertIn("Europe/Prague", page.locator("#view .hint").inner_text())
        day = page.locator("td", has=page.locator("time[datetime='2026-03-29']"))
        self.assertIn("clocks change: CEST", day.inner_text())
        self.assertEqual(page.locator("td.busy").count(), 42)

    def test_findings_say_what_check_says(self) -> None:
        """Without colours and rulers."""
        page = self.open(address="#churn%2Fretrain/findings")
        finding = page.locator(".finding.warning", has_text="warning FH0605").inner_text()
        self.assertIn("workflows/retrain.yaml:21:19", finding)

    def test_the_address_leads_to_a_task(self) -> None:
        """What one looks at can be sent to somebody."""
        page = self.open(address="#churn%2Fretrain/graph/models.train")
        self.assertEqual(page.locator("#panel-title").inner_text(), "models.train")
        self.assertEqual(page.locator(".box.chosen .name").text_content(), "train")
        page.get_by_role("button", name="Close").click()
        self.assertTrue(page.url.endswith("#churn%2Fretrain/graph"))

    def test_a_link_leads_there_in_an_open_page_and_back_leads_back(self) -> None:
        """As it does in a page that is opened by it."""
        page = self.open()
        page.get_by_role("tab", name="Files").click()
        page.evaluate("location.hash = '#churn%2Fhostile/graph/run'")
        page.wait_for_function("state.task === 'run'")
        self.assertEqual(page.locator("h1").inner_text(), "churn/hostile")
        page.go_back()
        page.wait_for_function("state.view === 'files'")
        self.assertEqual(page.locator("h1").inner_text(), "churn/retrain")
        self.assertFalse(page.locator("#panel").is_visible())
        page.go_back()
        page.wait_for_function("state.view === 'graph'")

    def test_a_link_to_what_is_not_there_says_so(self) -> None:
        """What is shown in its place is named."""
        page = self.open(address="#churn%2Fnone/graph")
        self.assertIn("no workflow churn/none: it shows churn/", page.locator("#vain").inner_text())
        page.get_by_label("Workflow").select_option("churn/retrain")
        self.assertFalse(page.locator("#vain").is_visible())
        page = self.open(address="#churn%2Fretrain/graph/none")
        self.assertEqual(page.locator("#vain").inner_text(), "churn/retrain has no task or group none.")

    def test_a_task_that_a_link_opens_is_not_behind_its_own_panel(self) -> None:
        """Also where both do not stand beside each other."""
        page = self.open(address="#churn%2Fretrain/graph/end", viewport={"width": 1000, "height": 700})
        panel = page.locator("#panel").bounding_box()
        right = "document.querySelector('.box.chosen > .card').getBoundingClientRect().right"
        page.wait_for_function(f"left => {right} < left", arg=panel["x"])

    def test_a_workflow_has_its_own_number_of_findings(self) -> None:
        """What is said of others stands apart."""
        page = self.open(address="#churn%2Fretrain/findings")
        self.assertEqual(page.locator("#tab-findings .size").inner_text(), "2")
        page = self.open(address="#churn%2Fhostile/findings")
        self.assertEqual(page.locator("#tab-findings .size").count(), 0)
        self.assertIn("What check says elsewhere: 2 findings.", page.locator("#view").inner_text())

    def test_tasks_as_they_are_written_and_in_a_run_are_told_apart(self) -> None:
        """The tab counts the former."""
        page = self.open()
        self.assertEqual(page.locator("#sizes li").first.inner_text(), "6 tasks, 10 in a run with repeats")
        self.assertEqual(page.locator("#tab-tasks .size").inner_text(), "6")

    def test_another_workflow_can_be_chosen(self) -> None:
        """One page has all of a project."""
        page = self.open()
        page.get_by_label("Workflow").select_option("churn/hostile")
        self.assertEqual(page.locator("h1").inner_text(), "churn/hostile")
        self.assertEqual(page.locator(".box").count(), 1)


class Moved(PageTest):
    """Mouse, keyboard and fingers."""

    def test_the_graph_is_panned_and_zoomed_with_the_mouse(self) -> None:
        """A drag moves, the wheel zooms at the pointer, a button shows all."""
        page = self.open()
        before = page.evaluate(SHIFT)
        page.mouse.move(640, 700)
        page.mouse.down()
        page.mouse.move(740, 720, steps=4)
        page.mouse.up()
        self.assertEqual(round(page.evaluate(SHIFT) - before), 100)
        scale = page.evaluate(SCALE)
        page.mouse.wheel(0, -300)
        self.assertGreater(page.evaluate(SCALE), scale)
        page.get_by_role("button", name="Show all").click()
        self.assertLessEqual(page.evaluate(SCALE), 1.2)
        self.assertEqual(page.locator("#panel").is_visible(), False)

    def test_a_task_is_reached_opened_and_closed_by_the_keyboard_alone(self) -> None:
        """From the top of the page, along the arrows, and back to where one was."""
        page = self.open()
        page.keyboard.press("Tab")
        self.assertEqual(page.evaluate("document.activeElement.className"), "skip")
        for _ in range(12):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.classList.contains('box')"):
                break
        here = "document.activeElement.getAttribute('aria-label').split(',')[0]"
        walked = [page.evaluate(here)]
        for key in ["ArrowRight", "ArrowRight", "ArrowDown", "ArrowRight", "ArrowLeft", "ArrowUp", "End", "Home"]:
            page.keyboard.press(key)
            walked.append(page.evaluate(here))
        self.assertEqual(
            walked, ["pull", "list_customers", "models", "clean", "train", "clean", "models", "end", "pull"]
        )
        page.keyboard.press("Enter")
        self.assertEqual(page.evaluate("document.activeElement.id"), "panel-title")
        page.keyboard.press("Escape")
        self.assertFalse(page.locator("#panel").is_visible())
        self.assertEqual(page.evaluate(here), "pull")

    def test_a_group_is_looked_into_and_left_by_the_keyboard(self) -> None:
        """Enter goes in, Escape goes out, and the focus stays with what one looks at."""
        page = self.open()
        page.locator(".box.open").focus()
        page.evaluate("step(graph.boxes.findIndex((box) => box.id === 'models'))")
        page.keyboard.press("Enter")
        self.assertEqual(page.locator(".box .name").all_text_contents(), ["clean", "train"])
        self.assertEqual(page.locator(".trail").inner_text().split(), ["retrain", "models"])
        self.assertIn("Repeated 3 times, over region: eu, us, asia", page.locator(".about-group").inner_text())
        page.keyboard.press("Escape")
        self.assertEqual(
            page.evaluate("document.activeElement.getAttribute('aria-label')"), "models, group, repeated × 3, 2 tasks"
        )

    def test_tabs_are_changed_by_arrow_keys(self) -> None:
        """As in every list of tabs."""
        page = self.open()
        page.locator("#tab-graph").focus()
        page.keyboard.press("ArrowLeft")
        self.assertEqual(page.evaluate("document.activeElement.id"), "tab-findings")
        page.keyboard.press("Home")
        self.assertEqual(page.locator("[role=tab][aria-selected=true]").inner_text(), "Graph")

    def test_two_fingers_zoom_and_one_moves(self) -> None:
        """On a phone."""
        page = self.open(**PHONE)
        touch = page.context.new_cdp_session(page)

        def fingers(kind: str, *points: tuple[int, int]) -> None:
            touch.send(
                "Input.dispatchTouchEvent",
                {"type": kind, "touchPoints": [{"x": x, "y": y, "id": at} for at, (x, y) in enumerate(points)]},
            )

        box = page.locator(".stage").bounding_box()
        x, y = int(box["x"] + box["width"] / 2), int(box["y"] + 40)
        scale, shift = page.evaluate(SCALE), page.evaluate(SHIFT)
        fingers("touchStart", (x, y))
        for far in (20, 40, 60):
            fingers("touchMove", (x - far, y))
        fingers("touchEnd")
        self.assertLess(page.evaluate(SHIFT), shift)
        fingers("touchStart", (x - 40, y), (x + 40, y))
        for far in (60, 80, 100):
            fingers("touchMove", (x - far, y), (x + far, y))
        fingers("touchEnd")
        self.assertGreater(page.evaluate(SCALE), scale * 1.5)


class Everywhere(PageTest):
    """Phones, darkness, and those who can't see or don't want movement."""

    def test_no_view_is_wider_than_a_phone(self) -> None:
        """Nor is a task."""
        page = self.open(**PHONE)
        for view in VIEWS:
            page.locator(f"#tab-{view}").tap()
            self.assertEqual(page.evaluate("document.documentElement.scrollWidth - innerWidth"), 0, view)
        page.locator("#tab-tasks").tap()
        page.get_by_role("button", name="models.train").tap()
        self.assertTrue(page.locator("#panel").is_visible())
        self.assertEqual(page.evaluate("document.documentElement.scrollWidth - innerWidth"), 0)
        self.assertEqual(page.evaluate("byId('panel').scrollWidth - byId('panel').clientWidth"), 0)

    def test_a_small_phone_has_room_for_the_graph_and_shows_the_tab(self) -> None:
        """Words in it can be read, and what is beneath it is there."""
        small = {**PHONE, "viewport": {"width": 375, "height": 720}}
        page = self.open(**small)
        self.assertLess(page.locator("#view").bounding_box()["y"], 215)
        self.assertEqual(page.evaluate("document.documentElement.scrollHeight - innerHeight"), 0)
        self.assertGreaterEqual(page.evaluate(SCALE) * 11.5, 9.7)
        page = self.open(address="#churn%2Fretrain/findings", **small)
        tab = page.locator("#tab-findings").bounding_box()
        self.assertLessEqual(tab["x"] + tab["width"], 376)

    def test_the_dark_is_dark(self) -> None:
        """By what the system prefers."""
        light = self.open(color_scheme="light").evaluate("getComputedStyle(document.body).backgroundColor")
        dark = self.open(color_scheme="dark").evaluate("getComputedStyle(document.body).backgroundColor")
        self.assertEqual((light, dark), ("rgb(246, 246, 243)", "rgb(18, 21, 27)"))

    def test_nothing_glides_for_those_who_want_no_movement(self) -> None:
        """And for others it does."""
        for motion, glides in (("reduce", False), ("no-preference", True)):
            page = self.open(reduced_motion=motion)
            page.locator(".box").first.focus()
            page.keyboard.press("ArrowRight")
            self.assertEqual(page.locator(".canvas > g.smooth").count() == 1, glides, motion)

    def test_every_view_is_accessible(self) -> None:
        """As far as axe can tell, in light and dark, with a task open and on a phone."""
        for options in ({}, {"color_scheme": "dark"}, PHONE):
            page = self.open(address="#churn%2Fretrain/graph/models.train", **options)
            for view in VIEWS:
                found = Axe().run(page).response["violations"]
                told = [(rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in found]
                self.assertEqual(told, [], (view, options))
                page.keyboard.press("Escape")
                page.locator(f"#tab-{view}").focus()
                page.keyboard.press("ArrowRight")
            page.context.close()


class Safe(PageTest):
    """What workflows say never runs."""

    def test_hostile_texts_are_texts(self) -> None:
        """In every view."""
        for view in VIEWS:
            page = self.open(address=f"#churn%2Fhostile/{view}/run")
            self.assertIsNone(page.evaluate("window.harmed ?? null"), view)
            self.assertEqual(page.locator("img, body script[src], iframe, a[href^=javascript]").count(), 0, view)
            self.assertEqual(page.locator("script").count(), 2, view)
        self.assertIn("</script><script>window.harmed=1</script>", page.locator("#description").inner_text())

    def test_marks_that_turn_text_around_are_seen(self) -> None:
        """A reviewer must see them."""
        page = self.open(address="#churn%2Fhostile/graph/run")
        self.assertIn("‹U+202E›gnp.exe‹U+2066›", page.locator("#description").inner_text())
        self.assertIn("‹U+202E›back", page.locator("#panel").inner_text())

    def test_what_gets_into_the_page_all_the_same_neither_runs_nor_loads(self) -> None:
        """The page's own policy is the second wall."""
        page = self.open()
        refused = page.evaluate(
            """() => {
                const script = document.createElement("script");
                try { script.textContent = "window.harmed = 1"; document.body.append(script); } catch {}
                const image = "<img src=x onerror='window.harmed = 1'>";
                try { document.body.innerHTML = image; } catch (error) { return error.name; }
            }"""
        )
        self.assertEqual(refused, "TypeError")
        with page.expect_event("console"):
            page.evaluate(
                "() => document.body.append(Object.assign(new Image(), { src: 'https://example.com/x.png' }))"
            )
        self.assertIsNone(page.evaluate("window.harmed ?? null"))
        self.assertTrue(
            self.complaints
            and all(
                "Content Security Policy" in text or "Trusted" in text or "TrustedScript" in text
                for text in self.complaints
            ),
            self.complaints,
        )
        self.complaints.clear()
        # The browser tells of an image that it refuses to load as if it had been asked for.
        self.asked = [url for url in self.asked if not url.startswith("https://example.com/")]


class Large(PageTest):
    """A workflow of 5,000 tasks."""

    def test_it_stays_usable(self) -> None:
        """Tasks that are alike are one box, and all of them can be found."""
        start = time.monotonic()
        page = self.open("large", "")
        self.assertLess(time.monotonic() - start, 8)
        self.assertLess(pages["large"].stat().st_size, 12 * 1024 * 1024)
        self.assertEqual(page.locator(".box").count(), 5)
        self.assertEqual(page.locator(".box .note").first.text_content(), "1,000 tasks side by side")
        page.locator(".box").first.click()
        self.assertEqual(page.locator(".box").count(), 600)
        self.assertIn("400 tasks and groups more", page.locator(".graph > .notice").inner_text())
        page.locator("#tab-tasks").click()
        self.assertEqual(page.locator(".tasks tbody tr").count(), 100)
        page.get_by_role("button", name="Show 100 more").click()
        self.assertEqual(page.locator(".tasks tbody tr").count(), 200)
        page.get_by_label("Find").fill("train_0777")
        page.get_by_role("button", name="train_0777").click()
        self.assertIn("clean_0777", page.locator("#panel .links").first.inner_text())


if __name__ == "__main__":
    unittest.main()
