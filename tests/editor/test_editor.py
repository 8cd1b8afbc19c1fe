"""The language server, driven over standard input and output by a client library that editors' tests use too.

python test_editor.py FREEHOLD
"""

import asyncio
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pygls.lsp.client import LanguageClient

FREEHOLD = Path(sys.argv.pop()).resolve()
PLATFORM = """\
platform: acme
target: { airflow: "3.1" }
vars: { bucket: s3://acme }
profiles:
  # A node with a GPU.
  gpu: { pod: { nodeSelector: { pool: gpu } }, resources: { limits: { memory: 8Gi } } }
  small: {}
"""
BLUEPRINT = """\
blueprint: load
description: Loads one table
parameters: { table: { type: string } }
task: { image: "docker.io/library/busybox:1.37.0", args: [load, "${{ with.table }}"] }
"""
WORKFLOW = """\
workflow: retrain
schedule: { preset: daily }
start_date: 2026-01-01
defaults: { image: "docker.io/library/busybox:1.37.0", profile: small }
tasks:
  pull:
    args: [pull, "${{ vars.bucket }}"]
  load: { uses: platform/load@1, with: { table: logins } }
  train:
    profile: gpu
    needs: [pull, load]
    args: [train, "čas 🚀"]
"""


class Client(LanguageClient):
    """Remembers the diagnostics of each file."""

    def __init__(self) -> None:
        """Not started yet."""
        super().__init__("an editor", "1")
        self.shown: dict[str, list[lsp.Diagnostic]] = {}
        self.news = asyncio.Event()

        @self.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: lsp.PublishDiagnosticsParams) -> None:
            self.shown[params.uri] = list(params.diagnostics)
            self.news.set()

    async def until(self, is_so, seconds: float = 30) -> None:
        """Waits for diagnostics until something holds."""
        end = time.monotonic() + seconds
        while not is_so():
            self.news.clear()
            try:
                await asyncio.wait_for(self.news.wait(), end - time.monotonic())
            except asyncio.TimeoutError:
                raise AssertionError(f"still shown: {self.shown}") from None


class Editor(unittest.IsolatedAsyncioTestCase):
    """A project whose central repository lies beside it, and a client that has opened its workflow."""

    async def asyncSetUp(self) -> None:
        """Lays out the project, starts the server and opens the workflow."""
        self.ground = Path(tempfile.mkdtemp(prefix="freehold-editor-")).resolve()
        self.addCleanup(shutil.rmtree, self.ground, ignore_errors=True)
        self.central, self.project = self.ground / "dags", self.ground / "models"
        self.write(self.central / "platform.yaml", PLATFORM)
        self.write(self.central / "teams/churn.yaml", "team: churn\n")
        self.write(self.central / "blueprints/load/1.yaml", BLUEPRINT)
        for command in (
            ("init", "--quiet", "--initial-branch=main"),
            ("add", "--all"),
            ("-c", "user.name=p", "-c", "user.email=p@example.com", "commit", "--quiet", "--message", "Begin"),
        ):
            subprocess.run(["git", *command], cwd=self.central, check=True)
        self.write(self.project / "freehold.yaml", "team: churn\nsource: models\ncentral: ../dags\n")
        self.file = self.project / "workflows/retrain.yaml"
        self.write(self.file, WORKFLOW)
        self.client = Client()
        await self.client.start_io(str(FREEHOLD), "lsp", "--stdio")
        self.addAsyncCleanup(self.goodbye)
        await self.client.initialize_async(
            lsp.InitializeParams(capabilities=lsp.ClientCapabilities(), root_uri=self.project.as_uri())
        )
        self.client.initialized(lsp.InitializedParams())
        self.version = 0
        self.open(self.file, WORKFLOW)

    async def goodbye(self) -> None:
        """The server ends by itself when it is told to."""
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await asyncio.wait_for(self.client._server.wait(), 10)
        self.assertEqual(self.client._server.returncode, 0)

    def write(self, path: Path, text: str) -> None:
        """A file, and its folders."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def open(self, path: Path, text: str) -> None:
        """As an editor opens a file."""
        item = lsp.TextDocumentItem(uri=path.as_uri(), language_id="yaml", version=0, text=text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(text_document=item))

    def type(self, text: str) -> None:
        """Makes the workflow this text, on the screen only."""
        self.version += 1
        document = lsp.VersionedTextDocumentIdentifier(uri=self.file.as_uri(), version=self.version)
        change = lsp.TextDocumentContentChangeWholeDocument(text=text)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(document, [change]))

    def codes(self) -> list[str]:
        """The codes that the workflow shows."""
        return [found.code for found in self.client.shown.get(self.file.as_uri(), [])]

    def place(self, text: str, what: str, behind: bool = False) -> dict:
        """Where something stands in a text, for a request."""
        before = text[: text.index(what) + (len(what) if behind else 1)]
        line = before.count("\n")
        character = len(before.rpartition("\n")[2].encode("utf-16-le")) // 2
        document = lsp.TextDocumentIdentifier(uri=self.file.as_uri())
        return {"text_document": document, "position": lsp.Position(line=line, character=character)}

    async def proposed(self, text: str) -> list[str]:
        """What is proposed where `|` stands."""
        place = self.place(text, text[: text.index("|")], behind=True)
        self.type(text.replace("|", "", 1))
        found = await self.client.text_document_completion_async(lsp.CompletionParams(**place))
        return [item.text_edit.new_text for item in found]

    async def test_faults_are_told_while_typing_and_taken_back(self) -> None:
        """Without a save, at their place, in UTF-16 units."""
        broken = WORKFLOW.replace('[train, "čas 🚀"]', '[train, "čas 🚀", "${{ vars.bukcet }}"]')
        self.type(broken)
        await self.client.until(self.codes)
        (found,) = self.client.shown[self.file.as_uri()]
        self.assertEqual(found.severity, lsp.DiagnosticSeverity.Error)
        self.assertEqual(found.source, "freehold")
        start = self.place(broken, "${{ vars.bukcet")["position"]
        self.assertEqual((found.range.start.line, found.range.start.character + 1), (start.line, start.character))
        self.type(WORKFLOW)
        await self.client.until(lambda: not self.codes())

    async def test_the_policy_of_the_central_repository_holds(self) -> None:
        """A profile that the platform does not have is told, with a fix that mends it."""
        self.type(WORKFLOW.replace("profile: gpu", "profile: gpuu"))
        await self.client.until(lambda: "FH0501" in self.codes())
        (found,) = self.client.shown[self.file.as_uri()]
        context = lsp.CodeActionContext(diagnostics=[found])
        document = lsp.TextDocumentIdentifier(uri=self.file.as_uri())
        (action,) = await self.client.text_document_code_action_async(
            lsp.CodeActionParams(document, found.range, context)
        )
        (edit,) = action.edit.changes[self.file.as_uri()]
        self.assertEqual((edit.new_text, edit.range, action.kind), ("gpu", found.range, "quickfix"))

    async def test_completion_knows_keys_and_names(self) -> None:
        """Of the language, the file, the project and the platform."""
        self.assertIn("retries: ", await self.proposed(WORKFLOW.replace("    profile: gpu\n", "    re|\n")))
        self.assertEqual(await self.proposed(WORKFLOW.replace("profile: gpu", "profile: |")), ["gpu", "small"])
        self.assertEqual(await self.proposed(WORKFLOW.replace("[pull, load]", "[|]")), ["pull", "load"])
        self.assertEqual(await self.proposed(WORKFLOW.replace("platform/load@1", "pl|")), ["platform/load@1"])
        self.assertIn("Europe/Prague", await self.proposed(WORKFLOW.replace("preset: daily", "timezone: Eu|")))
        self.assertEqual(await self.proposed(WORKFLOW.replace("vars.bucket", "vars.|")), ["vars.bucket"])

    async def test_hovering_tells_what_a_key_is_and_which_layer_gave_a_value(self) -> None:
        """The schema's words, and those of `preview --what layers`."""
        hover = await self.client.text_document_hover_async(lsp.HoverParams(**self.place(WORKFLOW, "start_date")))
        self.assertIn("First day", hover.contents.value)
        hover = await self.client.text_document_hover_async(lsp.HoverParams(**self.place(WORKFLOW, "gpu")))
        self.assertIn("nodeSelector", hover.contents.value)
        self.type(WORKFLOW.replace("needs: [pull, load]", "needs: [tow]"))
        await self.client.until(self.codes)
        self.type(WORKFLOW)
        await self.client.until(lambda: not self.codes())
        hover = await self.client.text_document_hover_async(lsp.HoverParams(**self.place(WORKFLOW, "train:\n")))
        self.assertRegex(
            hover.contents.value, r"\| resources\.limits\.memory \| `8Gi` \| profile.* \(platform.yaml:6\)"
        )
        self.assertRegex(hover.contents.value, r"\| profile \| `gpu` \| task \(retrain.yaml:10\), over `small`")

    async def test_names_lead_to_where_they_are_defined(self) -> None:
        """A task, a profile of the platform's and a blueprint of the platform's."""

        async def defined(what: str) -> tuple[str, int]:
            found = await self.client.text_document_definition_async(lsp.DefinitionParams(**self.place(WORKFLOW, what)))
            return found.uri, found.range.start.line

        self.assertEqual(await defined("pull, load"), (self.file.as_uri(), 5))
        self.assertEqual(await defined("gpu"), ((self.central / "platform.yaml").as_uri(), 5))
        self.assertEqual(await defined("platform/load"), ((self.central / "blueprints/load/1.yaml").as_uri(), 0))
        self.assertEqual(await defined("vars.bucket"), ((self.central / "platform.yaml").as_uri(), 2))

    async def test_an_outline_and_the_places_of_a_name(self) -> None:
        """Tasks below the workflow; and a task where it is defined and where it is needed."""
        document = lsp.TextDocumentIdentifier(uri=self.file.as_uri())
        (whole,) = await self.client.text_document_document_symbol_async(lsp.DocumentSymbolParams(document))
        self.assertEqual((whole.name, [task.name for task in whole.children]), ("retrain", ["pull", "load", "train"]))
        context = lsp.ReferenceContext(include_declaration=True)
        place = self.place(WORKFLOW, "pull, load")
        found = await self.client.text_document_references_async(lsp.ReferenceParams(context=context, **place))
        self.assertEqual([location.range.start.line for location in found], [5, 10])

    async def test_a_task_gets_another_name_wherever_the_file_has_it(self) -> None:
        """What else cannot be renamed, or not to this, is refused in words."""
        place = self.place(WORKFLOW, "pull, load")
        found = await self.client.text_document_prepare_rename_async(lsp.PrepareRenameParams(**place))
        self.assertEqual((found.placeholder, found.range.start.line), ("pull", 10))
        edit = await self.client.text_document_rename_async(lsp.RenameParams(new_name="fetch", **place))
        lines = {change.range.start.line: change.new_text for change in edit.changes[self.file.as_uri()]}
        self.assertEqual(lines, {5: "fetch", 10: "fetch"})
        for what, name, words in (("pull, load", "Fetch", "no task's name"), ("pull, load", "train", "another task")):
            with self.assertRaisesRegex(JsonRpcException, words):
                params = lsp.RenameParams(new_name=name, **self.place(WORKFLOW, what))
                await self.client.text_document_rename_async(params)
        with self.assertRaisesRegex(JsonRpcException, "only tasks can be renamed"):
            params = lsp.PrepareRenameParams(**self.place(WORKFLOW, "profile: gpu"))
            await self.client.text_document_prepare_rename_async(params)

    async def test_half_typed_text_breaks_nothing(self) -> None:
        """Every beginning of the file, with something asked at its end."""
        for end in range(0, len(WORKFLOW), 7):
            text = WORKFLOW[:end]
            self.type(text)
            place = self.place(text + "|", text + "|", behind=True)
            place["position"].character -= 1
            await self.client.text_document_completion_async(lsp.CompletionParams(**place))
            await self.client.text_document_hover_async(lsp.HoverParams(**place))
        self.type(WORKFLOW)
        await self.client.until(lambda: not self.codes())

    async def test_a_line_that_is_not_finished_hides_no_other(self) -> None:
        """A key without its colon, and a bracket that is open."""
        for line in ("    re\n", "    wait_for: [\n"):
            text = WORKFLOW.replace("    profile: gpu\n", f"    profile: gpu\n{line}")
            self.type(text)
            hover = await self.client.text_document_hover_async(lsp.HoverParams(**self.place(text, "start_date")))
            self.assertIn("First day", hover.contents.value)
            self.assertEqual(await self.proposed(text.replace("profile: gpu", "profile: |")), ["gpu", "small"])

    async def test_completion_knows_the_columns_of_a_data_file(self) -> None:
        """As the header of the file beside the workflow has them."""
        self.write(self.project / "workflows/customers.csv", "id,tier\nacme,gold\n")
        rows = "    for_each: { customer: { file: customers.csv, key: id } }\n"
        text = WORKFLOW.replace("    profile: gpu\n", f'{rows}    env: {{ A: "${{{{ each.customer.|\n')
        self.assertEqual(await self.proposed(text), ["each.customer", "each.customer.id", "each.customer.tier"])
        text = WORKFLOW.replace("    profile: gpu\n", rows.replace("id }", "| }"))
        self.assertEqual(await self.proposed(text), ["id", "tier"])

    async def test_a_workflow_of_many_tasks(self) -> None:
        """From a keystroke to its diagnostics in a workflow of 5,000 tasks; printed, as a figure."""
        tasks = "".join(f"  t{number}: {{ args: [run, '{number}'] }}\n" for number in range(5000))
        text = WORKFLOW[: WORKFLOW.index("tasks:")] + "tasks:\n" + tasks
        self.type(text)
        started = time.monotonic()
        self.type(text + "  last: { args: [x], needs: [t4999, t5000] }\n")
        await self.client.until(lambda: "FH0304" in self.codes(), 120)
        print(f"5,000 tasks: {time.monotonic() - started:.2f} s from a keystroke to diagnostics", file=sys.stderr)


if __name__ == "__main__":
    unittest.main()
