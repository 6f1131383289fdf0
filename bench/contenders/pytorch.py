"""LeNet-5 in PyTorch's native CPU code: the yardstick of what the processor itself can do.

Speaks bench/protocol.ts: newline-delimited JSON over the socket that Node names in NODE_CHANNEL_FD.
"""

import json
import os
import resource
import socket
import time

import torch
from torch import nn
from torch.nn import functional as F


class Lenet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.fc1(x.flatten(1)))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


class Trainer:
    def __init__(self, problem):
        self.model = Lenet()
        shapes = {key: value.shape for key, value in self.model.state_dict().items()}
        weights = problem["weights"]
        self.model.load_state_dict({key: torch.tensor(weights[key]).view(shapes[key]) for key in shapes})
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=problem["learningRate"])
        self.x = torch.tensor(problem["x"]).view(-1, 1, 28, 28)
        self.labels = torch.tensor(problem["labels"])

    def step(self):
        self.optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(self.model(self.x), self.labels)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def weights(self):
        return {key: value.flatten().tolist() for key, value in self.model.state_dict().items()}


def milliseconds():
    return time.perf_counter() * 1000


def cpu_milliseconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return (usage.ru_utime + usage.ru_stime) * 1000


def prepare(request):
    start = milliseconds()
    trainer = Trainer(request["problem"])
    setup_ms = milliseconds() - start
    start = milliseconds()
    losses = [trainer.step()]
    first_step_ms = milliseconds() - start
    losses += [trainer.step() for _ in range(request["firstSteps"] - 1)]
    return trainer, {
        "type": "prepared",
        "version": torch.__version__,
        "adapter": f"native CPU, {torch.get_num_threads()} threads",
        "setupMs": setup_ms,
        "firstStepMs": first_step_ms,
        "losses": losses,
        "weights": trainer.weights(),
        "gpuErrors": 0,
    }


def run_round(trainer, steps):
    start = milliseconds()
    for _ in range(steps):
        trainer.step()
    return {"type": "round", "msPerStep": (milliseconds() - start) / steps, "gpuErrors": 0}


def main():
    channel = socket.socket(fileno=int(os.environ["NODE_CHANNEL_FD"]))
    channel.setblocking(True)
    reader = channel.makefile("r", encoding="utf-8")
    trainer = None
    idle_since = (milliseconds(), cpu_milliseconds())
    for line in reader:
        request = json.loads(line)
        idle = {"idleMs": milliseconds() - idle_since[0], "idleCpuMs": cpu_milliseconds() - idle_since[1]}
        try:
            if request["type"] == "prepare":
                trainer, response = prepare(request)
            elif request["type"] == "round":
                response = {**run_round(trainer, request["steps"]), **idle}
            else:
                response = {"type": "bye"}
        except Exception as error:  # whatever went wrong, the parent shows it
            response = {"type": "failed", "reason": repr(error)}
        channel.sendall((json.dumps(response) + "\n").encode())
        if request["type"] == "quit":
            return
        idle_since = (milliseconds(), cpu_milliseconds())


main()
