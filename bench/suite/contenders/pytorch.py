"""PyTorch's native CPU code, or a CUDA card's in float32: the yardstick of what the machine itself can do.

Speaks bench/suite/protocol.ts: newline-delimited JSON over the socket that Node names in NODE_CHANNEL_FD.
"""

import json
import math
import os
import resource
import socket
import time

import numpy as np
import torch
from torch.nn import functional as F

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
torch.backends.cudnn.benchmark = True


def values_of(given):
    """The formula of bench/suite/values.ts."""
    shape = given["shape"]
    with np.errstate(over="ignore"):
        offset = np.uint32(((given["seed"] + 1) * 0x85EBCA6B) & 0xFFFFFFFF)
        h = np.arange(math.prod(shape), dtype=np.uint32) * np.uint32(0x9E3779B1) + offset
        h = (h ^ (h >> np.uint32(16))) * np.uint32(0x7FEB352D)
        h = (h ^ (h >> np.uint32(15))) * np.uint32(0x846CA68B)
        h ^= h >> np.uint32(16)
    unit = (h >> np.uint32(8)).astype(np.float64) / 2**23 - 1
    values = given.get("center", 0) + given["radius"] * unit
    return torch.from_numpy(values.astype(np.float32).reshape(shape)).to(DEVICE)


class Network:
    """bench/suite/network.ts in PyTorch's functions."""

    def __init__(self, parameters, is_training):
        self.parameters = parameters
        self.is_training = is_training

    def conv(self, x, name, stride=1, padding=0):
        get = self.parameters.get
        return F.conv2d(x, get(name + ".weight"), get(name + ".bias"), stride, padding)

    def norm(self, x, name):
        mean, variance, weight, bias = (
            self.parameters[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")
        )
        return F.batch_norm(x, mean, variance, weight, bias, training=self.is_training)

    def linear(self, x, name):
        return F.linear(x, self.parameters[name + ".weight"], self.parameters[name + ".bias"])

    def lenet5(self, x):
        x = F.max_pool2d(F.relu(self.conv(x, "conv1", padding=2)), 2)
        x = F.max_pool2d(F.relu(self.conv(x, "conv2")), 2).flatten(1)
        return self.linear(F.relu(self.linear(F.relu(self.linear(x, "fc1")), "fc2")), "fc3")

    def resnet18(self, x):
        x = F.max_pool2d(F.relu(self.norm(self.conv(x, "conv1", 2, 3), "bn1")), 3, 2, 1)
        for stage in range(1, 5):
            for block in range(2):
                x = self.basic_block(x, f"layer{stage}.{block}", 2 if stage > 1 and block == 0 else 1)
        return self.linear(x.mean((2, 3)), "fc")

    def basic_block(self, x, name, stride):
        y = F.relu(self.norm(self.conv(x, name + ".conv1", stride, 1), name + ".bn1"))
        y = self.norm(self.conv(y, name + ".conv2", 1, 1), name + ".bn2")
        if stride > 1:
            x = self.norm(self.conv(x, name + ".downsample.0", stride), name + ".downsample.1")
        return F.relu(y + x)

    def alexnet(self, x):
        x = F.max_pool2d(F.relu(self.conv(x, "features.0", 4, 2)), 3, 2)
        x = F.max_pool2d(F.relu(self.conv(x, "features.3", 1, 2)), 3, 2)
        for name in ("features.6", "features.8", "features.10"):
            x = F.relu(self.conv(x, name, 1, 1))
        x = F.max_pool2d(x, 3, 2).flatten(1)
        return self.linear(F.relu(self.linear(F.relu(self.linear(x, "classifier.1")), "classifier.4")), "classifier.6")


class Operation:
    def __init__(self, workload, inputs):
        self.workload = workload
        self.is_training = workload.get("pass") == "training"
        self.given = {name: values_of(given) for name, given in inputs.items()}
        self.leaves = {name: tensor for name, tensor in self.given.items() if self.is_training and name != "dy"}
        for leaf in self.leaves.values():
            leaf.requires_grad_()
        if workload["kind"] == "batchNorm2d":
            count = workload["channels"]
            self.running = (torch.zeros(count, device=DEVICE), torch.ones(count, device=DEVICE))

    def forward(self):
        given, workload = self.given, self.workload
        if workload["kind"] == "matmul":
            return given["a"] @ given["b"]
        if workload["kind"] == "conv2d":
            return F.conv2d(given["x"], given["weight"], None, workload["stride"], workload["padding"])
        if workload["kind"] == "maxPool2d":
            return F.max_pool2d(given["x"], workload["kernel"], workload["stride"])
        return F.batch_norm(given["x"], *self.running, given["weight"], given["bias"], training=True)

    def run(self):
        for leaf in self.leaves.values():
            leaf.grad = None
        y = self.forward()
        if self.is_training:
            y.backward(self.given["dy"])
        self.y = y.detach()

    def finish(self):
        last = list(self.leaves.values())[-1].grad if self.is_training else self.y
        return last.flatten()[0].item()

    def outputs(self):
        if not self.is_training:
            return {"y": self.y}
        return {"d" + name: leaf.grad for name, leaf in self.leaves.items()}


class Adam:
    def __init__(self, parameters, inputs):
        self.parameters = {name: values_of(parameters[name]).requires_grad_() for name in inputs}
        for name, parameter in self.parameters.items():
            parameter.grad = values_of(inputs[name])
        self.optimizer = torch.optim.Adam(self.parameters.values())

    def run(self):
        self.optimizer.step()

    def finish(self):
        return next(iter(self.parameters.values())).flatten()[0].item()

    def outputs(self):
        return self.parameters


class Model:
    def __init__(self, problem):
        workload = problem["workload"]
        self.is_step = workload["kind"] == "step"
        self.parameters = {name: values_of(given) for name, given in problem["parameters"].items()}
        self.x = values_of(problem["inputs"]["x"])
        self.labels = torch.tensor(problem["labels"], dtype=torch.long, device=DEVICE)
        self.network = getattr(Network(self.parameters, self.is_step), workload["model"])
        if self.is_step:
            learned = [tensor.requires_grad_() for name, tensor in self.parameters.items() if "running_" not in name]
            self.optimizer = torch.optim.SGD(learned, lr=workload["learningRate"])

    def run(self):
        if not self.is_step:
            with torch.no_grad():
                self.result = self.network(self.x)
            return
        self.optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(self.network(self.x), self.labels)
        loss.backward()
        self.optimizer.step()
        self.result = loss.detach()

    def finish(self):
        if DEVICE == "cuda":
            torch.cuda.synchronize()
        return self.result.flatten()[0].item()

    def outputs(self):
        return self.parameters if self.is_step else {"y": self.result}


def create(problem):
    kind = problem["workload"]["kind"]
    if kind == "adam":
        return Adam(problem["parameters"], problem["inputs"])
    return Model(problem) if kind in ("forward", "step") else Operation(problem["workload"], problem["inputs"])


def milliseconds():
    return time.perf_counter() * 1000


def cpu_milliseconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return (usage.ru_utime + usage.ru_stime) * 1000


def adapter():
    return torch.cuda.get_device_name() if DEVICE == "cuda" else f"native CPU, {torch.get_num_threads()} threads"


WATCHED = {"gpuErrors": 0, "firstGpuError": "", "memory": None}


def prepare(request):
    problem = request["problem"]
    start = milliseconds()
    work = create(problem)
    setup_ms = milliseconds() - start
    losses = []
    for run in range(request["runs"]):
        start = milliseconds()
        work.run()
        losses.append(work.finish())
        if run == 0:
            first_ms = milliseconds() - start
    outputs = work.outputs()
    return work, {
        "type": "prepared",
        "version": torch.__version__,
        "adapter": adapter(),
        "setupMs": setup_ms,
        "firstMs": first_ms,
        "losses": losses if problem["workload"]["kind"] == "step" else [],
        "samples": {
            name: outputs[name].detach().flatten()[torch.tensor(positions, device=DEVICE)].tolist()
            for name, positions in problem["probes"].items()
        },
        **WATCHED,
    }


def time_runs(work, runs):
    start = milliseconds()
    for _ in range(runs):
        work.run()
    work.finish()
    return {"type": "timed", "msPerRun": (milliseconds() - start) / runs, **WATCHED}


def main():
    channel = socket.socket(fileno=int(os.environ["NODE_CHANNEL_FD"]))
    channel.setblocking(True)
    reader = channel.makefile("r", encoding="utf-8")
    work = None
    idle_since = (milliseconds(), cpu_milliseconds())
    for line in reader:
        request = json.loads(line)
        idle = {"idleMs": milliseconds() - idle_since[0], "idleCpuMs": cpu_milliseconds() - idle_since[1]}
        try:
            if request["type"] == "prepare":
                work, response = prepare(request)
            elif request["type"] == "time":
                response = {**time_runs(work, request["runs"]), **idle}
            else:
                response = {"type": "bye"}
        except Exception as error:  # whatever went wrong, the parent shows it
            response = {"type": "failed", "reason": repr(error)}
        channel.sendall((json.dumps(response) + "\n").encode())
        if request["type"] == "quit":
            return
        idle_since = (milliseconds(), cpu_milliseconds())


main()
