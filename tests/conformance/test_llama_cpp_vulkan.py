"""A build with Vulkan: it computes on a device, and does without one.

Needs a Vulkan driver; one that runs on the processor, such as Mesa's lavapipe, will do.
"""

import json
import unittest

from contract import pb
from harness import Server, connect, model_path, request

# A driver for processors compiles every shader before the first token.
PATIENCE = 300
# Sums in another order, and halves where the processor has whole numbers: with weights that mean nothing, the likeliest
# of two tokens may be another one, but each is about as likely.
ALIKE = 0.05


class Vulkan(unittest.TestCase):
    def ask(self, gpu_layers, **environment):
        """The kinds of devices that the server has, and what it answers."""
        server = Server(**environment)
        self.addCleanup(server.stop)
        channel, stub = connect(server.address)
        self.addCleanup(channel.close)
        devices = stub.Inspect(pb.InspectRequest(), timeout=PATIENCE).devices
        load = pb.ModelOptions(ModelFile=model_path(), Threads=1, MMap=True, NGPULayers=gpu_layers)
        stub.LoadModel(load, timeout=PATIENCE)
        answer = stub.Predict(request(Tokens=8, IgnoreEOS=True, Logprobs=20, TopLogprobs=20), timeout=PATIENCE)
        return [device.name for device in devices], answer

    def likelihoods(self, answer):
        """Of the first token: what was likely, and how likely."""
        first = json.loads(answer.logprobs)["content"][0]["top_logprobs"]
        return {token["token"]: token["logprob"] for token in first}

    def test_a_device_answers_as_the_processor_does(self):
        names, on_device = self.ask(99999999, GGML_VK_VISIBLE_DEVICES="0")
        self.assertTrue(any(name.startswith("Vulkan") for name in names), names)
        names, on_processor = self.ask(0, VK_DRIVER_FILES="/nowhere.json")
        self.assertEqual([name for name in names if name.startswith("Vulkan")], [])
        self.assertEqual((on_device.tokens, on_processor.tokens), (8, 8))
        here, there = self.likelihoods(on_device), self.likelihoods(on_processor)
        both = here.keys() & there.keys()
        self.assertGreater(len(both), 15, (here, there))
        for token in both:
            self.assertAlmostEqual(here[token], there[token], delta=ALIKE, msg=token)


if __name__ == "__main__":
    unittest.main()
