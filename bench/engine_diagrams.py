"""The diagrams that bench.engine runs: two user tasks with a service between them, and a rework loop."""

from __future__ import annotations

CASE = b"""\
<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
 xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
 xmlns:di="http://www.omg.org/spec/DD/20100524/DI"
 targetNamespace="http://carimbo.test">

<process id="bench" isExecutable="true">
<laneSet id="ls_bench">
<lane id="l_bench" name="CAC">
<flowNodeRef>analisar</flowNodeRef>
<flowNodeRef>aprovar</flowNodeRef>
</lane>
</laneSet>
<startEvent id="start">
</startEvent>
<userTask id="analisar" name="Tarefa analisar">
</userTask>
<exclusiveGateway id="g" default="f_g_registrar"/>
<serviceTask id="registrar" name="Registrar">
</serviceTask>
<userTask id="aprovar" name="Tarefa aprovar">
</userTask>
<exclusiveGateway id="h" default="f_h_end"/>
<endEvent id="end">
</endEvent>
<endEvent id="recusado">
</endEvent>
<sequenceFlow id="f_start_analisar" sourceRef="start" targetRef="analisar">
</sequenceFlow>
<sequenceFlow id="f_analisar_g" sourceRef="analisar" targetRef="g">
</sequenceFlow>
<sequenceFlow id="f_g_recusado" sourceRef="g" targetRef="recusado">
<conditionExpression xsi:type="tFormalExpression">decisao == "nao"</conditionExpression>
</sequenceFlow>
<sequenceFlow id="f_g_registrar" sourceRef="g" targetRef="registrar">
</sequenceFlow>
<sequenceFlow id="f_registrar_aprovar" sourceRef="registrar" targetRef="aprovar">
</sequenceFlow>
<sequenceFlow id="f_aprovar_h" sourceRef="aprovar" targetRef="h">
</sequenceFlow>
<sequenceFlow id="f_h_recusado" sourceRef="h" targetRef="recusado">
<conditionExpression xsi:type="tFormalExpression">not aprovado</conditionExpression>
</sequenceFlow>
<sequenceFlow id="f_h_end" sourceRef="h" targetRef="end">
</sequenceFlow>
</process>
<bpmndi:BPMNDiagram id="di">
<bpmndi:BPMNPlane id="pl" bpmnElement="bench">
<bpmndi:BPMNShape id="start_di" bpmnElement="start">
<dc:Bounds x="100" y="100" width="100" height="80"/>
</bpmndi:BPMNShape>
<bpmndi:BPMNShape id="analisar_di" bpmnElement="analisar">
<dc:Bounds x="250" y="100" width="100" height="80"/>
</bpmndi:BPMNShape>
<bpmndi:BPMNShape id="g_di" bpmnElement="g">
<dc:Bounds x="400" y="100" width="100" height="80"/>
</bpmndi:BPMNShape>
<bpmndi:BPMNShape id="registrar_di" bpmnElement="registrar">
<dc:Bounds x="550" y="100" width="100" height="80"/>
</bpmndi:BPMNShape>
<bpmndi:BPMNShape id="aprovar_di" bpmnElement="aprovar">
<dc:Bounds x="700" y="100" width="100" height="80"/>
</bpmndi:BPMNShape>
<bpmndi:BPMNShape id="h_di" bpmnElement="h">
<dc:Bounds x="850" y="100" width="100" height="80"/>
</bpmndi:BPMNShape>
<bpmndi:BPMNShape id="end_di" bpmnElement="end">
<dc:Bounds x="1000" y="100" width="100" height="80"/>
</bpmndi:BPMNShape>
<bpmndi:BPMNShape id="recusado_di" bpmnElement="recusado">
<dc:Bounds x="1150" y="100" width="100" height="80"/>
</bpmndi:BPMNShape>
<bpmndi:BPMNEdge id="f_start_analisar_di" bpmnElement="f_start_analisar">
<di:waypoint x="0" y="0"/>
<di:waypoint x="9" y="9"/>
</bpmndi:BPMNEdge>
<bpmndi:BPMNEdge id="f_analisar_g_di" bpmnElement="f_analisar_g">
<di:waypoint x="0" y="0"/>
<di:waypoint x="9" y="9"/>
</bpmndi:BPMNEdge>
<bpmndi:BPMNEdge id="f_g_recusado_di" bpmnElement="f_g_recusado">
<di:waypoint x="0" y="0"/>
<di:waypoint x="9" y="9"/>
</bpmndi:BPMNEdge>
<bpmndi:BPMNEdge id="f_g_registrar_di" bpmnElement="f_g_registrar">
<di:waypoint x="0" y="0"/>
<di:waypoint x="9" y="9"/>
</bpmndi:BPMNEdge>
<bpmndi:BPMNEdge id="f_registrar_aprovar_di" bpmnElement="f_registrar_aprovar">
<di:waypoint x="0" y="0"/>
<di:waypoint x="9" y="9"/>
</bpmndi:BPMNEdge>
<bpmndi:BPMNEdge id="f_aprovar_h_di" bpmnElement="f_aprovar_h">
<di:waypoint x="0" y="0"/>
<di:waypoint x="9" y="9"/>
</bpmndi:BPMNEdge>
<bpmndi:BPMNEdge id="f_h_recusado_di" bpmnElement="f_h_recusado">
<di:waypoint x="0" y="0"/>
<di:waypoint x="9" y="9"/>
</bpmndi:BPMNEdge>
<bpmndi:BPMNEdge id="f_h_end_di" bpmnElement="f_h_end">
<di:waypoint x="0" y="0"/>
<di:waypoint x="9" y="9"/>
</bpmndi:BPMNEdge>
</bpmndi:BPMNPlane>
</bpmndi:BPMNDiagram>
</definitions>
"""

LOOP = b"""\
<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
 xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
 xmlns:di="http://www.omg.org/spec/DD/20100524/DI"
 targetNamespace="http://carimbo.test">

<process id="bench_loop" isExecutable="true">
<laneSet id="ls_bench_loop">
<lane id="l_bench_loop" name="CAC">
<flowNodeRef>refazer</flowNodeRef>
</lane>
</laneSet>
<startEvent id="start">
</startEvent>
<userTask id="refazer" name="Tarefa refazer">
</userTask>
<exclusiveGateway id="g" default="f_g_end"/>
<endEvent id="end">
</endEvent>
<sequenceFlow id="f_start_refazer" sourceRef="start" targetRef="refazer">
</sequenceFlow>
<sequenceFlow id="f_refazer_g" sourceRef="refazer" targetRef="g">
</sequenceFlow>
<sequenceFlow id="f_g_refazer" sourceRef="g" targetRef="refazer">
<conditionExpression xsi:type="tFormalExpression">de_novo</conditionExpression>
</sequenceFlow>
<sequenceFlow id="f_g_end" sourceRef="g" targetRef="end">
</sequenceFlow>
</process>
<bpmndi:BPMNDiagram id="di">
<bpmndi:BPMNPlane id="pl" bpmnElement="bench_loop">
<bpmndi:BPMNShape id="start_di" bpmnElement="start">
<dc:Bounds x="100" y="100" width="100" height="80"/>
</bpmndi:BPMNShape>
<bpmndi:BPMNShape id="refazer_di" bpmnElement="refazer">
<dc:Bounds x="250" y="100" width="100" height="80"/>
</bpmndi:BPMNShape>
<bpmndi:BPMNShape id="g_di" bpmnElement="g">
<dc:Bounds x="400" y="100" width="100" height="80"/>
</bpmndi:BPMNShape>
<bpmndi:BPMNShape id="end_di" bpmnElement="end">
<dc:Bounds x="550" y="100" width="100" height="80"/>
</bpmndi:BPMNShape>
<bpmndi:BPMNEdge id="f_start_refazer_di" bpmnElement="f_start_refazer">
<di:waypoint x="0" y="0"/>
<di:waypoint x="9" y="9"/>
</bpmndi:BPMNEdge>
<bpmndi:BPMNEdge id="f_refazer_g_di" bpmnElement="f_refazer_g">
<di:waypoint x="0" y="0"/>
<di:waypoint x="9" y="9"/>
</bpmndi:BPMNEdge>
<bpmndi:BPMNEdge id="f_g_refazer_di" bpmnElement="f_g_refazer">
<di:waypoint x="0" y="0"/>
<di:waypoint x="9" y="9"/>
</bpmndi:BPMNEdge>
<bpmndi:BPMNEdge id="f_g_end_di" bpmnElement="f_g_end">
<di:waypoint x="0" y="0"/>
<di:waypoint x="9" y="9"/>
</bpmndi:BPMNEdge>
</bpmndi:BPMNPlane>
</bpmndi:BPMNDiagram>
</definitions>
"""
