"""A build with Vulkan: it computes on a device, and does without one.

Needs a Vulkan driver; one that runs on the processor, such as Mesa's lavapipe, will do.
"""

import unittest

from contract import pb
from harness import Server, connect, model_path, request

# A driver for processors compiles every shader before the first token.
PATIENCE = 300


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
        answer = stub.Predict(request(Tokens=8), timeout=PATIENCE)
        return [device.name for device in devices], answer

    def test_a_device_answers_as_the_processor_does(self):
        names, on_device = self.ask(99999999, GGML_VK_VISIBLE_DEVICES="0")
        self.assertTrue(any(name.startswith("Vulkan") for name in names), names)
        names, on_processor = self.ask(0, VK_DRIVER_FILES="/nowhere.json")
        self.assertEqual([name for name in names if name.startswith("Vulkan")], [])
        self.assertEqual(on_device.message, on_processor.message)
        self.assertEqual(on_device.tokens, 8)


if __name__ == "__main__":
    unittest.main()
